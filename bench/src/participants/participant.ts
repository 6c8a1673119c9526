import type { Operation } from '../harness/closed-loop.ts'

/** A library under test, used as its manual says. */
export interface Participant {
  /** In the primary, before there are workers: start what they need; `env` goes to them. */
  serve?(): Promise<Service>
  /** In a worker. */
  open(): Promise<Client>
}

export interface Service {
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** What is done under a lock; with the fencing token, if there is one. */
type Work = (token?: number) => Promise<void>

/** What a participant can do; it ends with its process. */
export interface Client {
  /** Change a counter by one and learn its value. */
  readonly count?: Operation
  /** Change a counter by one if that keeps it within bounds, and learn its value. */
  readonly countWithin?: Operation
  /** The value of a counter. */
  readonly value?: (name: string) => Promise<number>
  /** Take a lock, work, and give it back. Rejects if the lock could not be had. */
  readonly lock?: (name: string, work: Work) => Promise<unknown>
}

/** Loaded one by one, so that no process holds a library that it does not measure. */
export const participants = {
  lockstep: async (): Promise<Participant> => (await import('./lockstep.ts')).lockstep,
  'lockstep on Redis': async (): Promise<Participant> => (await import('./lockstep-redis.ts')).lockstepOnRedis,
  ioredis: async (): Promise<Participant> => (await import('./ioredis.ts')).plain,
  'ioredis, autopipelining': async (): Promise<Participant> => (await import('./ioredis.ts')).autopipelining,
  'rate-limiter-flexible': async (): Promise<Participant> =>
    (await import('./rate-limiter-flexible.ts')).rateLimiterFlexible,
  'rate-limiter-flexible on Redis': async (): Promise<Participant> =>
    (await import('./rate-limiter-flexible.ts')).rateLimiterFlexibleOnRedis,
  'live-mutex': async (): Promise<Participant> => (await import('./live-mutex.ts')).liveMutex,
  'redlock 4': async (): Promise<Participant> => (await import('./redlock-4.ts')).redlock4,
  'redlock 5': async (): Promise<Participant> => (await import('./redlock-5.ts')).redlock5,
  '@sesamecare-oss/redlock': async (): Promise<Participant> =>
    (await import('./sesamecare-redlock.ts')).sesamecareRedlock,
  'redis-semaphore': async (): Promise<Participant> => (await import('./redis-semaphore.ts')).redisSemaphore,
  verrou: async (): Promise<Participant> => (await import('./verrou.ts')).verrou,
}

export type ParticipantName = keyof typeof participants
