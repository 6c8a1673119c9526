import type { Failure } from '@lockstep/state'
import type { Answer, Time } from './command.ts'
import type { FenceMarks } from './fences.ts'
import type { IdentifiedCall } from './operations.ts'
import type { Sequence } from './sequences.ts'

export type CounterAnswer = Answer<'changeCounter' | 'addAll'> | Failure
export type EntryAnswer = Answer<'changeEntry'> | Failure

/** Raised whenever a record changes its shape. */
const format = 1

export interface SnapshotHeader {
  readonly kind: 'header'
  readonly format: number
  /** When it was taken, on both clocks. */
  readonly time: Time
  /** The highest token or version given out. */
  readonly lastToken: number
  /** Fences below it are refused: marks of an earlier time were never known. */
  readonly fenceFloor: number
}

/** `expiresIn` in all records: milliseconds left when the snapshot was taken, below 0 when overdue; `null`: no end. */
export interface LockRecord {
  readonly kind: 'lock'
  readonly name: string
  readonly holder: { readonly client: string; readonly owner: string; readonly token: number } | null
  /** Of the lease, or of the offer that is open to the first waiter. */
  readonly expiresIn: number
  readonly waiters: readonly {
    readonly client: string
    readonly owner: string
    readonly ttl: number
    readonly expiresIn: number
  }[]
}

export interface CounterRecord {
  readonly kind: 'counter'
  readonly name: string
  readonly value: number
  readonly expiresIn: number | null
}

export interface EntryRecord {
  readonly kind: 'entry'
  readonly name: string
  readonly value: string
  readonly version: number
  readonly expiresIn: number | null
  /** Milliseconds until the end that `maxLifetime` fixed. */
  readonly endsIn: number | null
}

export interface TombstoneRecord {
  readonly kind: 'tombstone'
  readonly name: string
  readonly expiresIn: number
}

type FenceRecord = { readonly kind: 'counterFence' | 'entryFence' } & FenceMarks

export interface OperationRecord {
  readonly kind: 'operation'
  readonly operation: IdentifiedCall
  readonly expiresIn: number
}

type SequenceRecord =
  | ({ readonly kind: 'counterSequence' } & Sequence<CounterAnswer>)
  | ({ readonly kind: 'entrySequence' } & Sequence<EntryAnswer>)

/** One line of a snapshot: plain data that survives JSON. The header comes first. */
export type SnapshotRecord =
  | SnapshotHeader
  | LockRecord
  | CounterRecord
  | EntryRecord
  | TombstoneRecord
  | FenceRecord
  | OperationRecord
  | SequenceRecord

export function snapshotHeader(time: Time, lastToken: number, fenceFloor: number): SnapshotHeader {
  return { kind: 'header', format, time, lastToken, fenceFloor }
}

/** Check that a snapshot which begins with this record can be read. */
export function readHeader(record: SnapshotRecord): SnapshotHeader {
  if (record.kind !== 'header') throw new Error('Not a snapshot of the engine: it does not begin with a header')
  if (record.format === format) return record
  throw new Error(`The snapshot has format ${record.format}, and this version reads format ${format} only`)
}

/**
 * Where the moment of the snapshot lies on the monotonic clock of the process that restores it: as long ago as the wall
 * clock says. Within one boot of the machine the monotonic clock goes on, and knows better should the wall clock have
 * been set forward in between; of the two the shorter time counts, so that no lease ends early.
 */
export function snapshotMoment({ time }: SnapshotHeader, started: Time): number {
  const onWall = Math.max(0, (started.wall - time.wall) / 1000)
  const passed = started.now < time.now ? onWall : Math.min(onWall, started.now - time.now)
  return Math.floor(started.now) - Math.floor(passed)
}
