/**
 * Commands are plain data: the same value is a direct call, a frame of the link or a record of a log. Requests and outcomes are those of the adapter contract.
 */
import type {
  AcquireAnswer,
  AcquireRequest,
  AddAllOutcome,
  AddAllRequest,
  ChangeList,
  CounterChange,
  CounterOutcome,
  EntryChange,
  EntryOutcome,
  EntryValue,
  ExtendRequest,
  Failure,
  Fence,
  LockInspection,
  LockOwner,
} from '@lockstep/state'

interface ReadRequest {
  readonly name: string
  readonly fence?: Fence
}

/** `reserve` may be left out: 0. */
type AcquireCommand = Omit<AcquireRequest, 'reserve'> & Partial<Pick<AcquireRequest, 'reserve'>>

/** Each operation with what it is asked and what it answers. A `Failure` may stand for any answer. */
export interface Operations {
  acquire: { request: AcquireCommand; answer: AcquireAnswer }
  cancel: { request: LockOwner; answer: boolean }
  extend: { request: { readonly leases: readonly ExtendRequest[] }; answer: readonly boolean[] }
  release: { request: LockOwner; answer: boolean }
  inspect: { request: { readonly name: string }; answer: LockInspection }
  changeCounter: { request: ChangeList<CounterChange>; answer: readonly (CounterOutcome | Failure)[] }
  addAll: { request: AddAllRequest; answer: AddAllOutcome }
  readCounter: { request: ReadRequest; answer: number }
  changeEntry: { request: ChangeList<EntryChange>; answer: readonly (EntryOutcome | Failure)[] }
  readEntry: { request: ReadRequest; answer: EntryValue | null }
}

export type Operation = keyof Operations

export type Command<O extends Operation = Operation> = { [K in O]: { readonly op: K } & Operations[K]['request'] }[O]

export type Answer<O extends Operation = Operation> = Operations[O]['answer']

/** The two clocks that every command is given. The engine reads neither itself. */
export interface Time {
  /** Milliseconds on a monotonic clock: expiry. */
  readonly now: number
  /** Microseconds since 1970 on the wall clock: tokens and versions. */
  readonly wall: number
}
