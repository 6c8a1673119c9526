import type { Call } from './adapter.ts'
import type { DeadlineGroup } from './deadlines.ts'

/** The changes of one name: those that wait, and those that are under way. */
export class Lane<Change, Outcome> {
  readonly name: string
  waiting: FoldedCall<Change, Outcome>[] = []
  underWay: readonly FoldedCall<Change, Outcome>[] | undefined
  /** Among those that the end of the turn will look at. */
  ready = false
  /** For the calls that change this name alone. */
  readonly alone: readonly Lane<Change, Outcome>[] = [this]

  constructor(name: string) {
    this.name = name
  }
}

/** A request that changes several names at once. */
export type JointRequest = (sequence: number, call: Call) => Promise<unknown>

/** One call of a folder, from the moment it waits until its caller has an answer. */
export class FoldedCall<Change, Outcome> {
  /** A change of one lane, or a request over several. */
  readonly work: Change | JointRequest
  readonly lanes: readonly Lane<Change, Outcome>[]
  /** The calls that were sent with this one, and this one; `undefined` while it waits. */
  list: readonly FoldedCall<Change, Outcome>[] | undefined
  settled = false
  readonly #resolve: (value: never) => void
  readonly #reject: (error: unknown) => void
  readonly #group: DeadlineGroup<FoldedCall<Change, Outcome>>
  #signal: AbortSignal | undefined
  #onAbort: (() => void) | undefined

  /** The call is bounded by the deadline of `group`. */
  constructor(
    work: Change | JointRequest,
    lanes: readonly Lane<Change, Outcome>[],
    group: DeadlineGroup<FoldedCall<Change, Outcome>>,
    resolve: (value: never) => void,
    reject: (error: unknown) => void,
  ) {
    this.work = work
    this.lanes = lanes
    this.#group = group
    this.#resolve = resolve
    this.#reject = reject
    group.join(this)
  }

  /**
   * What the store is given as deadline, on `monotonic()`: a little before the caller's, so that an adapter can still say that a change was never sent.
   */
  get storeDeadline(): number {
    const { deadline, timeout } = this.#group
    return deadline - Math.min(20, timeout / 10)
  }

  /** The names it changes, for messages. */
  get names(): string {
    return this.lanes.map((lane) => lane.name).join(', ')
  }

  /** Reject with the signal's reason when it aborts, and then tell `aborted`. */
  watch(signal: AbortSignal, aborted: (call: FoldedCall<Change, Outcome>) => void): void {
    this.#signal = signal
    this.#onAbort = () => {
      this.fail(signal.reason)
      aborted(this)
    }
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  answer(value: unknown): void {
    if (this.#settle()) this.#resolve(value as never)
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#reject(error)
  }

  #settle(): boolean {
    if (this.settled) return false
    this.settled = true
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#group.leave()
    return true
  }
}
