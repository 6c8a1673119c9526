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

/** What a participant can do; it ends with its process. */
export interface Client {
  /** Change a counter by one and learn its value. */
  readonly count?: Operation
  /** Take a lock and give it back. */
  readonly lock?: Operation
}

export type OperationName = keyof Client

/** Loaded one by one, so that no process holds a library that it does not measure. */
export const participants = {
  lockstep: async (): Promise<Participant> => (await import('./lockstep.ts')).lockstep,
  ioredis: async (): Promise<Participant> => (await import('./ioredis.ts')).plain,
  'ioredis, autopipelining': async (): Promise<Participant> => (await import('./ioredis.ts')).autopipelining,
  'rate-limiter-flexible': async (): Promise<Participant> =>
    (await import('./rate-limiter-flexible.ts')).rateLimiterFlexible,
  'live-mutex': async (): Promise<Participant> => (await import('./live-mutex.ts')).liveMutex,
}

export type ParticipantName = keyof typeof participants
