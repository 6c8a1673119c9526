import type { Call, ChangeList } from './adapter.ts'
import { checkCall, type CallOptions } from './calls.ts'
import { checkName } from './checks.ts'
import { ClosedError, errorFrom, isFailure, type Failure } from './errors.ts'
import { Folder } from './folding.ts'
import type { Turn } from './turn.ts'

/** A store that takes changes: that of counters, or of entries. */
interface ChangeStore<Change, Outcome> {
  readonly immediate?: boolean
  apply(list: ChangeList<Change>, call: Call): Promise<readonly (Outcome | Failure)[]>
}

/** The way of a change to its store: folded with those of the same turn, or at once where the store answers at once. */
export class Changes<Change, Outcome extends object> {
  readonly #store: ChangeStore<Change, Outcome>
  readonly #folder: Folder<Change, Outcome> | undefined
  #closed = false

  constructor(store: ChangeStore<Change, Outcome>, turn: Turn) {
    this.#store = store
    this.#folder = store.immediate === true ? undefined : new Folder((list, call) => store.apply(list, call), turn)
  }

  async send(name: string, change: Change, options: CallOptions | undefined): Promise<Outcome> {
    checkName(name)
    const timeout = this.#check(options)
    if (this.#folder !== undefined) return this.#folder.change(name, change, { timeout, signal: options?.signal })
    const [outcome] = await this.#store.apply({ name, sequence: 0, changes: [change] }, atOnce)
    if (outcome === undefined || isFailure(outcome)) throw errorFrom(outcome ?? unanswered)
    return outcome
  }

  /** One request that changes several names. */
  async sendTogether<T>(
    names: readonly string[],
    request: (sequence: number, call: Call) => Promise<T>,
    options: CallOptions | undefined,
  ): Promise<T> {
    const timeout = this.#check(options)
    if (this.#folder === undefined) return request(0, atOnce)
    return this.#folder.together(names, request, { timeout, signal: options?.signal })
  }

  /** Take no more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#folder?.idle()
  }

  #check(options: CallOptions | undefined): number {
    if (this.#closed) throw new ClosedError('the state is closed')
    return checkCall(options)
  }
}

/** A store that answers at once needs no deadline, and sees no repeat. */
const atOnce: Call = { deadline: Number.POSITIVE_INFINITY }
const unanswered: Failure = { code: 'LOCKSTEP_OUTCOME_UNKNOWN', message: 'the store gave no outcome for the change' }
