import type { AddAllOutcome, CounterOutcome, Failure } from '@lockstep/state'
import type { ReferenceLock } from './locks.ts'

export const failure = {
  unknown: { code: 'LOCKSTEP_OUTCOME_UNKNOWN', message: '' },
  stale: { code: 'LOCKSTEP_STALE_TOKEN', message: '' },
  range: { code: 'LOCKSTEP_OUT_OF_RANGE', message: '' },
  invalid: { code: 'LOCKSTEP_INVALID_ARGUMENT', message: '' },
} as const satisfies Record<string, Failure>

export type Asked = readonly {
  readonly name: string
  readonly delta: number
  readonly min?: number | undefined
  readonly max?: number | undefined
}[]

/** Everything a store knows, plainly. Ends are monotonic milliseconds. */
export interface Memory {
  lastToken: number
  floor: number
  locks: ReferenceLock[]
  counters: { name: string; value: number; end: number }[]
  entries: { name: string; value: string; version: number; end: number; readonly lastEnd: number }[]
  tombstones: { name: string; end: number }[]
  /** Kept for ever: no schedule lasts a day. */
  marks: { resource: string; lock: string; token: number }[]
  operations: {
    id: string
    all: boolean
    asked: Asked
    answer: CounterOutcome | AddAllOutcome | Failure
    end: number
  }[]
  sequences: { client: string; name: string; sequence: number; answer: unknown; end: number }[]
}

/** `floor`: fences below it are refused, and no lower token is given out. */
export function empty(floor: number): Memory {
  return {
    lastToken: floor - 1,
    floor,
    locks: [],
    counters: [],
    entries: [],
    tombstones: [],
    marks: [],
    operations: [],
    sequences: [],
  }
}

/** Milliseconds left; `null`: no end. */
export function left(end: number, now: number): number | null {
  return end === Infinity ? null : end - now
}
