import type { Call, ChangeList } from './adapter.ts'
import { bounded, checkCall, notAnswered, type CallOptions } from './calls.ts'
import { checkName } from './checks.ts'
import { monotonic } from './clock.ts'
import { reportRefusal } from './diagnostics.ts'
import { ClosedError, errorFrom, isFailure, type Failure } from './errors.ts'
import { Folder } from './folding.ts'
import type { Turn } from './turn.ts'

/** A store of named values that takes changes: that of counters, or of entries. */
interface ValueStore<Change, Outcome> {
  readonly immediate?: boolean
  apply(list: ChangeList<Change>, call: Call): Promise<readonly (Outcome | Failure)[]>
}

/**
 * The way of a call to its store. A change is folded with those of the same turn, or made at once where the store answers at once; every call is bounded by its
 * deadline and signal, and refused after `close`.
 */
export class Requests<Change extends object, Outcome extends object> {
  readonly #store: ValueStore<Change, Outcome>
  readonly #folder: Folder<Change, Outcome> | undefined
  #closed = false

  /** `weigh`: what a change adds to its request, about, in characters. */
  constructor(store: ValueStore<Change, Outcome>, turn: Turn, weigh: (change: Change) => number) {
    this.#store = store
    this.#folder =
      store.immediate === true ? undefined : new Folder((list, call) => store.apply(list, call), turn, weigh)
  }

  /** One change of one name. Throws what is wrong with the call. */
  change(name: string, change: Change, options: CallOptions | undefined): Promise<Outcome> {
    checkName(name)
    const timeout = this.#check(options)
    if (this.#folder === undefined) return this.#changeAtOnce(name, change)
    return this.#folder.change(name, change, timeout, options?.signal)
  }

  /** One request that changes several names. Throws what is wrong with the call. */
  changeTogether<T>(
    names: readonly string[],
    request: (sequence: number, call: Call) => Promise<T>,
    options: CallOptions | undefined,
  ): Promise<T> {
    const timeout = this.#check(options)
    if (this.#folder === undefined) return request(0, atOnce)
    return this.#folder.together(names, request, timeout, options?.signal)
  }

  /** One request that changes nothing but a fence mark. Throws what is wrong with the call. */
  read<T>(name: string, request: (call: Call) => Promise<T>, options: CallOptions | undefined): Promise<T> {
    checkName(name)
    const timeout = this.#check(options)
    if (this.#folder === undefined) return request(atOnce)
    const deadline = monotonic() + timeout
    return bounded(request({ deadline }), deadline, options?.signal, () => notAnswered(`the reading of ${name}`))
  }

  /** Take no more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#folder?.idle()
  }

  async #changeAtOnce(name: string, change: Change): Promise<Outcome> {
    const [outcome] = await this.#store.apply({ name, sequence: 0, changes: [change] }, atOnce)
    if (outcome !== undefined && !isFailure(outcome)) return outcome
    const error = errorFrom(outcome ?? unanswered)
    reportRefusal(name, error)
    throw error
  }

  #check(options: CallOptions | undefined): number {
    if (this.#closed) throw new ClosedError('the state is closed')
    return checkCall(options)
  }
}

/** A store that answers at once needs no deadline, and sees no repeat. */
const atOnce: Call = { deadline: Number.POSITIVE_INFINITY }
const unanswered: Failure = { code: 'LOCKSTEP_OUTCOME_UNKNOWN', message: 'the store gave no outcome for the change' }
