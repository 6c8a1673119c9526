/**
 * The adapter contract: what a backend has to do, with its failures. Everything that is the same for every backend (checks of names and options,
 * folding, waiting for a lock, auto-extension, deadlines, `using`, `lead`) lives above this file, once; an adapter only carries single, atomic requests.
 *
 * Rules for every method
 * - One request is one atomic step of the store. The store's clock alone decides what has expired.
 * - It rejects with `UnavailableError` if it is certain that nothing was applied, and with `OutcomeUnknownError` if a write was sent and its answer cannot be
 *   learned; never with anything else for trouble on the way. It may settle late: the caller's deadline is kept by `state`.
 * - A single change of a list that is refused (stale fence, out of range, …) is a `Failure` in its place; the other changes of the list stand.
 * - Nothing is done that was not asked for: no retry that the capability `safeRetry` does not cover, no lock taken for a counter.
 *
 * Left out on purpose: scans, transactions over several placements, callbacks inside the store, re-entrant locks.
 */
import type { Capabilities } from './capabilities.ts'
import type { Failure } from './errors.ts'
import type { Turn } from './turn.ts'

/** What `memory()`, `redis()`, … return: a description that opens nothing until it is connected. */
export interface Adapter {
  /** The short name that `createClusterState({ adapter })` knows it by, also used in health and diagnostics. */
  readonly name: string
  /**
   * Open the backend. Resolves when it has answered; rejects with a coded error that names host and port, never a password, within the adapter's own
   * `connectTimeout`, or at once when `context.signal` aborts.
   */
  connect(context: ConnectContext): Promise<Connection>
}

export interface ConnectContext {
  /** Aborts when the state is closed before it was open. */
  readonly signal: AbortSignal
  /** The end of the current turn of the event loop: requests made in one turn leave together. */
  readonly turn: Turn
}

/** An open backend. A primitive that it does not have is absent and `false` in `capabilities`. */
export interface Connection {
  readonly capabilities: Capabilities
  readonly locks?: LockStore
  readonly counters?: CounterStore
  readonly entries?: EntryStore
  /** Ask the live backend how it is, within `call.deadline`; rejects when it does not answer. */
  health(call: Call): Promise<ConnectionHealth>
  /** Send what is buffered, give back what we hold, close what we opened and nothing that was passed in. Idempotent. */
  close(): Promise<void>
}

export interface ConnectionHealth {
  /** One sentence: what an acknowledged write survives, as read from the live backend. */
  readonly durability: string
  /** One sentence for each setting that weakens a promise, naming the setting. */
  readonly warnings: readonly string[]
}

/** What bounds one request. */
export interface Call {
  /**
   * On the clock of `monotonic()`, in milliseconds: the store refuses what reaches it later, so nothing is applied long after its caller was told. For a change it
   * ends a little before the caller's own deadline: an adapter that rejects by then can still say that it was never sent.
   */
  readonly deadline: number
}

/** A fencing token and the lock it belongs to, as given by `fence: lease`. */
export interface Fence {
  readonly name: string
  readonly token: number
}

// Locks

/**
 * One place in the queue of a lock and the grant that comes of it. `owner` was made for one call of `acquire`, in a cohort for the callers of one process that
 * follow one another in it, and is never used again.
 */
export interface LockOwner {
  readonly name: string
  readonly owner: string
}

export interface AcquireRequest extends LockOwner {
  /** Lifetime of the lease in milliseconds. */
  readonly ttl: number
  /** How long the caller goes on waiting, in milliseconds; 0 asks once and leaves no waiter behind. */
  readonly wait: number
  /** With a grant, the tokens from `token + 1` to `token + reserve` are reserved too: the store never gives them to anybody else. */
  readonly reserve: number
}

/**
 * Granted: `token` as the contract's Locks 2 has it, `expiresIn` what is left of the lease in milliseconds (asking again with the same owner gives the same
 * grant, with less left). Taken: `expiresIn` until the lease or the open offer in the way ends, `place` in the queue, 1 for its head, 0 if not queued.
 */
export type AcquireAnswer =
  | { readonly granted: true; readonly token: number; readonly expiresIn: number }
  | { readonly granted: false; readonly expiresIn: number; readonly place: number }

export interface ExtendRequest extends LockOwner {
  readonly ttl: number
}

export interface LockInspection {
  readonly held: boolean
  /** That the store gave with the present lease; 0 when the lock is free. The present holder's is greater by at most `LockStore.cohort`. */
  readonly token: number
  /** Milliseconds left of the present lease; 0 when the lock is free. */
  readonly expiresIn: number
  readonly waiters?: number
}

export interface LockStore {
  /**
   * How often, within one grant, a process may hand the lock on to its own waiters without a request: a process then has one place in the store's queue, and
   * each of its holders one of the tokens that were reserved. Read once. Absent or 0: every waiter queues in the store, in the order of arrival.
   */
  readonly cohort?: number | undefined
  /** Idempotent per owner: an owner who holds the lock is given the same grant again, one who waits keeps its place. Queues when `wait` is above 0. */
  acquire(request: AcquireRequest, call: Call): Promise<AcquireAnswer>
  /** Withdraw the owner's place in the queue, or free the grant that nobody will use. Ordered after the acquire it cancels. */
  cancel(request: LockOwner, call: Call): Promise<void>
  /**
   * At most 500 leases. `false` in its place: no longer the owner's; `undefined`: of this one it could not be learned in time, of others it could. A lease is never
   * made shorter.
   */
  extend(requests: readonly ExtendRequest[], call: Call): Promise<readonly (boolean | undefined)[]>
  /** `true`: it was still the owner's, and the next waiter has been offered the lock. */
  release(request: LockOwner, call: Call): Promise<boolean>
  inspect(name: string, call: Call): Promise<LockInspection>
  /** Called once, before the first request. */
  listen(listener: LockListener): void
}

/** What a store tells of its own accord. Nothing depends on a message: waiters also ask again by the clock. */
export interface LockListener {
  /** The lock that this owner waits for can now be had, by asking. */
  offered(owner: string): void
  /** Every lease held through this connection is gone (a lost link to the primary). */
  lost(cause: Error): void
}

// Counters

export type CounterChange =
  | {
      readonly kind: 'add'
      readonly delta: number
      readonly min?: number | undefined
      readonly max?: number | undefined
      /** Milliseconds; counts only for the change that creates the counter. */
      readonly ttl?: number | undefined
      readonly fence?: Fence | undefined
      readonly operationId?: string | undefined
    }
  | {
      readonly kind: 'set'
      readonly value: number
      readonly ttl?: number | undefined
      readonly fence?: Fence | undefined
    }
  | {
      readonly kind: 'compareAndSet'
      readonly expected: number
      readonly value: number
      readonly fence?: Fence | undefined
    }
  | { readonly kind: 'delete'; readonly fence?: Fence | undefined }

/** `applied: false`: the bounds or the expected value said no, or there was nothing to delete; `value` is the value as it stands. */
export interface CounterOutcome {
  readonly applied: boolean
  readonly value: number
  /** Milliseconds; `null`: no end. */
  readonly expiresIn: number | null
}

/**
 * Changes of one name, to be evaluated in order in one step. `sequence` grows from list to list of this process, and a name has at most one list under way:
 * the store can tell a repeat (answer it from the record) from news (protocols, Sequence records).
 */
export interface ChangeList<Change> {
  readonly name: string
  readonly sequence: number
  readonly changes: readonly Change[]
}

/** All or nothing over several names of the same placement, or of any where `capabilities.counters.addAll` is `'any'`. */
export interface AddAllRequest {
  readonly sequence: number
  readonly changes: readonly {
    readonly name: string
    readonly delta: number
    readonly min?: number | undefined
    readonly max?: number | undefined
  }[]
  readonly operationId?: string | undefined
  readonly fence?: Fence | undefined
}

export interface AddAllOutcome {
  readonly applied: boolean
  /** In the order of the request, as they stand after it. */
  readonly values: readonly number[]
}

export interface CounterStore {
  /** No round trip is saved by folding: `state` then hands every change on at once. */
  readonly immediate?: boolean
  /** One outcome for each change, in order. */
  apply(list: ChangeList<CounterChange>, call: Call): Promise<readonly (CounterOutcome | Failure)[]>
  applyAll(request: AddAllRequest, call: Call): Promise<AddAllOutcome>
  /** Linearizable; 0 when absent. With a fence it raises the mark, and rejects with `StaleTokenError` below it. */
  read(name: string, fence: Fence | undefined, call: Call): Promise<number>
}

// Entries

export type EntryChange =
  | {
      readonly kind: 'set'
      readonly value: string
      /** Milliseconds; absent: until deleted, or until `maxLifetime` ends. */
      readonly ttl?: number | undefined
      /** Milliseconds; counts only for the change that creates the entry. */
      readonly maxLifetime?: number | undefined
      /** 0: only if absent. */
      readonly ifVersion?: number | undefined
      readonly fence?: Fence | undefined
    }
  | { readonly kind: 'touch'; readonly ttl: number; readonly fence?: Fence | undefined }
  | { readonly kind: 'delete'; readonly tombstone?: number | undefined; readonly fence?: Fence | undefined }

/** `version` as it stands after the change; 0: no entry. */
export interface EntryOutcome {
  readonly applied: boolean
  readonly version: number
}

export interface EntryValue {
  readonly value: string
  readonly version: number
  /** Milliseconds; `null`: no end. */
  readonly expiresIn: number | null
}

export interface EntryStore {
  /** No round trip is saved by folding: `state` then hands every change on at once. */
  readonly immediate?: boolean
  /** One outcome for each change, in order. */
  apply(list: ChangeList<EntryChange>, call: Call): Promise<readonly (EntryOutcome | Failure)[]>
  /** `null` when absent or expired. With a fence it raises the mark, and rejects with `StaleTokenError` below it. */
  read(name: string, fence: Fence | undefined, call: Call): Promise<EntryValue | null>
}
