import type { Caller } from './state-call.ts'

export interface PropertyOptions {
  /** Clients of one store, in this process or in others. */
  readonly callers: readonly Caller[]
  /** The start of all names, so that a store may be shared. */
  readonly prefix: string
  readonly runs: number
  /** Repeats the runs of an earlier call, which printed it when it failed. */
  readonly seed?: number | undefined
}

/** For `fc.assert`. */
export function parameters({ runs, seed }: PropertyOptions): { numRuns: number; seed?: number } {
  return { numRuns: runs, ...(seed === undefined ? {} : { seed }) }
}
