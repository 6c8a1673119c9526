import { violated } from './violation.ts'

/** How long an operation id is remembered here: shorter than in life, so that it is outlived. */
export const operationRetention = 300_000

/** A frame is taken until the latest deadline in it, in milliseconds from its sending. */
const longestTimeout = 60_001

/** What callers repeat under one id: on record with the store for as long as it is remembered. */
export class Operation {
  readonly id: string
  readonly changes: readonly {
    readonly name: string
    readonly delta: number
    readonly min: number
    readonly max: number
  }[]
  #lineage = 0
  #times = 0
  #until = 0

  constructor(id: string, changes: Operation['changes']) {
    this.id = id
    this.changes = changes
  }

  apply(lineage: number, now: number): void {
    if (this.#lineage !== lineage || this.#until <= now) {
      this.#lineage = lineage
      this.#times = 0
      this.#until = now + operationRetention
    }
    this.#times++
    if (this.#times > 1) violated(`operation ${this.id} was applied twice`)
  }
}

/** One call of a caller that changes something: how often the store has applied it, and what the caller was told. */
export class Change {
  readonly operation: Operation | undefined
  /** No frame is taken longer than this after its caller was told, in monotonic milliseconds. */
  #latest = Infinity
  #applied = 0
  #refused = false

  constructor(operation?: Operation) {
    this.operation = operation
  }

  /** The store has applied it, in this line of its history (a loss of state begins another). */
  apply(lineage: number, now: number): void {
    this.#applied++
    if (this.#applied > 1) violated('a change was applied twice')
    if (this.#refused) violated('a change was applied after its caller was told that it was not')
    if (now > this.#latest) violated('a change was applied long after its caller was told')
    this.operation?.apply(lineage, now)
  }

  /** Its caller was told, whatever it was. */
  tell(now: number): void {
    this.#latest = now + longestTimeout
  }

  /** Its caller was told that it was applied, or was not. A repeat is answered as the operation was, applied by an earlier call. */
  acknowledge(applied: boolean): void {
    if (this.operation !== undefined) return
    if (applied && this.#applied !== 1) violated('a change was acknowledged and never applied')
    if (!applied && this.#applied !== 0) violated('a change was applied and called refused')
  }

  /** Its caller was told that it certainly was not applied. */
  refuse(): void {
    this.#refused = true
    if (this.#applied > 0) violated('a change was applied and its caller told that it was not')
  }
}

/** Carried by every change through link and store, neither of which looks at it. */
export interface Tagged {
  readonly change: Change
}
