/** What an instance can do. A primitive that is `false` rejects every call with `UnsupportedError`. */
export interface Capabilities {
  readonly locks: false | LockCapabilities
  readonly counters: false | CounterCapabilities
  readonly entries: false | EntryCapabilities
  readonly queues: false | QueueCapabilities
  /** The adapter can check a lease inside the user's own transaction. */
  readonly transactions: boolean
}

export interface LockCapabilities {
  /**
   * `'strict'`: arrival order across processes. `'cohort'`: a process may hand on to its own waiters a bounded number of times first. `'process'`: order
   * within a process only.
   */
  readonly fair: 'strict' | 'cohort' | 'process'
  /** How a waiter learns of an offer: by a message, or by asking again. */
  readonly wake: Wake
}

export interface CounterCapabilities {
  /** Which names one `addAll` may hold: any, or only those of one `placement`. */
  readonly addAll: 'any' | 'samePlacement'
  /** `'always'`: a write whose reply was lost is retried by us and applied once. `'withOperationId'`: only one that carries an operation id. */
  readonly safeRetry: SafeRetry
  readonly fence: boolean
}

export interface EntryCapabilities {
  readonly safeRetry: SafeRetry
  readonly fence: boolean
}

export interface QueueCapabilities {
  readonly wake: Wake
}

export type Wake = 'push' | 'poll'
export type SafeRetry = 'always' | 'withOperationId'
