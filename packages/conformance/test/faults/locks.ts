import { CapacityError } from '@lockstep/state'
import { randomUUID } from 'node:crypto'
import type { Row } from './fault.ts'

export const lockFaults: Row[] = [
  [
    'gives out the same token again',
    ['locks/token-grows', 'lead/lost'],
    ({ locks }) => ({
      locks: { acquire: async (request, call) => ({ ...(await locks.acquire(request, call)), token: 2 ** 52 }) },
    }),
  ],
  [
    'gives out small tokens',
    ['locks/token-wall-clock'],
    ({ locks }) => ({
      locks: { acquire: async (request, call) => ({ ...(await locks.acquire(request, call)), token: 7 }) },
    }),
  ],
  [
    'grants to everybody',
    [
      'locks/exclusion',
      'locks/taken',
      'locks/wait-ends',
      'leases/release-lost',
      'leases/extend-lost',
      'leases/release-twice',
      'using/try-taken',
      'lead/one',
    ],
    () => {
      let token = Date.now() * 1_000
      return { locks: { acquire: async ({ ttl }) => ({ granted: true, token: (token += 1), expiresIn: ttl }) } }
    },
  ],
  [
    'has room for one lock',
    ['locks/independent'],
    ({ locks }) => {
      const held = new Set<string>()
      return {
        locks: {
          acquire: (request, call) => {
            if (held.size > 0 && !held.has(request.name)) throw new CapacityError('there is no room for another lock')
            held.add(request.name)
            return locks.acquire(request, call)
          },
        },
      }
    },
  ],
  [
    'says it has extended a lease and has not',
    ['leases/auto-extension', 'requests/expired'],
    () => ({ locks: { extend: async (requests) => requests.map(() => true) } }),
  ],
  [
    'gives reserved tokens to others',
    ['requests/reserved'],
    ({ locks }) => {
      let token = Date.now() * 1_000
      return {
        locks: { acquire: async (request, call) => ({ ...(await locks.acquire(request, call)), token: (token += 1) }) },
      }
    },
  ],
  [
    'says it has freed a lock and has not',
    ['locks/dispose', 'using/result', 'using/error', 'lead/abort', 'requests/at-once'],
    () => ({ locks: { release: async () => true } }),
  ],
  [
    'frees a lock and says it has not',
    ['locks/release', 'lifecycle/close-twice'],
    ({ locks }) => ({
      locks: { release: async (request, call) => !(await locks.release(request, call)) },
    }),
  ],
  [
    'lets another client free a lock',
    ['requests/forged-owner'],
    () => ({ locks: { release: async () => true, extend: async (requests) => requests.map(() => true) } }),
  ],
  [
    'forgets whom it has granted to',
    ['requests/same-grant'],
    ({ locks }) => ({
      locks: { acquire: (request, call) => locks.acquire({ ...request, owner: randomUUID() }, call) },
    }),
  ],
  [
    'gives a lease no longer than the one before',
    ['leases/after-another'],
    ({ locks }) => {
      const shortest = new Map<string, number>()
      return {
        locks: {
          acquire: async (request, call) => {
            const ttl = Math.min(request.ttl, shortest.get(request.name) ?? Infinity)
            shortest.set(request.name, ttl)
            const answer = await locks.acquire({ ...request, ttl }, call)
            return answer.granted ? { ...answer, expiresIn: request.ttl } : answer
          },
        },
      }
    },
  ],
  [
    'ends leases before their time',
    ['leases/expiry'],
    ({ locks }) => ({
      locks: {
        acquire: async (request, call) => {
          const answer = await locks.acquire({ ...request, ttl: Math.min(request.ttl, 60) }, call)
          return answer.granted ? { ...answer, expiresIn: request.ttl } : answer
        },
      },
    }),
  ],
  [
    'makes a lease shorter',
    ['leases/extend'],
    ({ locks }) => ({
      locks: {
        extend: async (requests, call) => {
          const held = await Promise.all(requests.map((request) => locks.release(request, call)))
          for (const { name, owner, ttl } of requests)
            await locks.acquire({ name, owner, ttl, wait: 0, reserve: 0 }, call)
          return held
        },
      },
    }),
  ],
]
