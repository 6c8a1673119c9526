import type { FaultProxy } from '@lockstep/testing/proxy'
import type { TestProcess } from '@lockstep/testing/processes'
import type { OwnRedisServer } from '@lockstep/testing/servers/redis'
import type { Holder } from '../holder.ts'

export type HolderProcess = TestProcess<Holder>

/** What can go wrong in a trial; each has a server of its own. */
interface Faults {
  readonly server: OwnRedisServer
  /** Between the libraries and the server. */
  readonly proxy: FaultProxy
  /** Whether this is no more than a check that everything runs. */
  readonly quick: boolean
}

/** What a trial has shown. */
export interface Outcome {
  readonly pass: boolean
  /** In a few words, for a cell of the table. */
  readonly fact: string
  /** What the fact is about, where that is a number: trials are ordered by it. */
  readonly amount?: number
  readonly detail?: unknown
}

export interface Scenario {
  /** For the head of a column, in two lines of a word or two. */
  readonly title: readonly [string, string]
  /** What happens, and what passes, in two lines. */
  readonly meaning: readonly [string, string]
  /** How many of them take part. */
  readonly processes: number
  run(faults: Faults, ...holders: HolderProcess[]): Promise<Outcome>
}

/** `1483 ms` */
export function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`
}
