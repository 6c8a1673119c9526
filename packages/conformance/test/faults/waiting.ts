import type { AcquireRequest, Call } from '@lockstep/state'
import { setTimeout } from 'node:timers/promises'
import type { Row } from './fault.ts'

export const waitingFaults: Row[] = [
  [
    'shows every lock as free',
    ['locks/inspect'],
    () => ({ locks: { inspect: async () => ({ held: false, token: 0, expiresIn: 0, waiters: 0 }) } }),
  ],
  [
    'shows every lock as held',
    ['locks/inspect', 'lead/result'],
    () => ({ locks: { inspect: async () => ({ held: true, token: 1, expiresIn: 1, waiters: 0 }) } }),
  ],
  [
    'frees a lock late',
    ['waiting/handed-on'],
    ({ locks }) => ({
      locks: {
        release: async (request, call) => {
          // Longer than a waiter may have to wait.
          await setTimeout(1_800)
          return locks.release(request, call)
        },
      },
    }),
  ],
  [
    'keeps a waiter that has given up',
    ['waiting/timeout'],
    ({ locks }) => {
      const waiting = new Set<string>()
      return {
        locks: {
          acquire: (request, call) => {
            if (request.wait > 0) waiting.add(request.owner)
            return locks.acquire({ ...request, wait: waiting.has(request.owner) ? 60_000 : 0 }, call)
          },
          cancel: async () => {},
        },
      }
    },
  ],
  [
    'keeps a grant that nobody wants',
    ['waiting/unwanted-grant'],
    ({ locks }) => ({
      locks: {
        acquire: async (request, call) => {
          const answer = await locks.acquire({ ...request, ttl: Math.min(request.ttl, 2_000) }, call)
          // The caller has turned away by then.
          await setTimeout(20)
          return answer
        },
        cancel: async () => {},
        release: async () => true,
      },
    }),
  ],
  [
    'keeps a waiter that was withdrawn',
    ['waiting/abort', 'requests/cancel'],
    () => ({ locks: { cancel: async () => {} } }),
  ],
  [
    'sends all waiters of a client to the end when one withdraws',
    ['waiting/abort-ahead'],
    ({ locks }) => {
      const waiting = new Map<string, AcquireRequest>()
      return {
        locks: {
          acquire: async (request, call) => {
            const answer = await locks.acquire(request, call)
            if (!answer.granted && request.wait > 0) waiting.set(request.owner, request)
            return answer
          },
          cancel: async (request, call) => {
            waiting.delete(request.owner)
            await locks.cancel(request, call)
            for (const other of waiting.values()) {
              if (other.name !== request.name) continue
              await locks.cancel(other, call)
              await locks.acquire(other, call)
            }
          },
        },
      }
    },
  ],
  [
    'sends a waiter that asks again to the end',
    ['requests/same-place'],
    ({ locks }) => ({
      locks: {
        acquire: async (request, call) => {
          const answer = await locks.acquire(request, call)
          if (answer.granted || answer.place === 0) return answer
          await locks.cancel(request, call)
          return locks.acquire(request, call)
        },
      },
    }),
  ],
  [
    'gives the lock to a waiter that does not ask for it',
    ['waiting/silent-ahead'],
    ({ locks }) => {
      /** For four seconds, which is longer than an offer stands. */
      const ask = async (request: AcquireRequest, call: Call): Promise<void> => {
        for (let times = 0; times < 100; times += 1) {
          // As a waiter would that was offered the lock.
          await setTimeout(40)
          if ((await locks.acquire({ ...request, ttl: 4_000 }, call)).granted) return
        }
      }
      return {
        locks: {
          acquire: async (request, call) => {
            const answer = await locks.acquire(request, call)
            if (!answer.granted && request.wait > 0) void ask(request, call)
            return answer
          },
        },
      }
    },
  ],
  [
    'serves the last to come first',
    ['waiting/order'],
    ({ locks }) => {
      const waiting: AcquireRequest[] = []
      return {
        locks: {
          acquire: async (request, call) => {
            const answer = await locks.acquire(request, call)
            const queued = waiting.some(({ owner }) => owner === request.owner)
            if (answer.granted || request.wait === 0 || queued) return answer
            const behind = waiting.filter(({ name }) => name === request.name)
            waiting.push(request)
            for (const other of behind.toReversed()) {
              await locks.cancel(other, call)
              await locks.acquire(other, call)
            }
            return locks.acquire(request, call)
          },
        },
      }
    },
  ],
  [
    'lets in whoever does not wait between two holders',
    ['waiting/barging'],
    ({ locks }) => ({
      locks: {
        acquire: async (request, call) => {
          const answer = await locks.acquire(request, call)
          if (answer.granted || request.wait > 0 || (await locks.inspect(request.name, call)).held) return answer
          return { granted: true, token: Date.now() * 1_000, expiresIn: request.ttl }
        },
      },
    }),
  ],
]
