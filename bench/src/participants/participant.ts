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
  /** Change a counter by one as `countWithin` does; it ends an hour after its first change. */
  readonly countForAnHour?: Operation
  /** Take one of a stock, if one is left. */
  readonly take?: Operation
  /** Let so many be left of a stock. */
  readonly stock?: (name: string, amount: number) => Promise<unknown>
  /** The value of a counter, or what is left of a stock. */
  readonly value?: (name: string) => Promise<number>
  /** Take a lock, work, and give it back. Rejects if the lock could not be had. */
  readonly lock?: (name: string, work: Work) => Promise<unknown>
  /** Write a session that has changed, with the lifetime of an hour. */
  readonly setSession?: Operation
  readonly getSession?: Operation
  /** Let a session last an hour from now. */
  readonly touchSession?: Operation
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
  'lockstep on MySQL': async (): Promise<Participant> => (await import('./lockstep-mysql.ts')).lockstepOnMysql,
  'mysql2, UPDATE': async (): Promise<Participant> => (await import('./mysql2.ts')).update,
  'mysql2, transaction': async (): Promise<Participant> => (await import('./mysql2.ts')).transaction,
  'verrou on MySQL': async (): Promise<Participant> => (await import('./verrou-mysql.ts')).verrouOnMysql,
  'rate-limiter-flexible on MySQL': async (): Promise<Participant> =>
    (await import('./rate-limiter-flexible-mysql.ts')).rateLimiterFlexibleOnMysql,
  'express-mysql-session': async (): Promise<Participant> =>
    (await import('./express-mysql-session.ts')).expressMysqlSession,
}

export type ParticipantName = keyof typeof participants
