import type { AddAllOutcome, AddAllRequest, CounterChange, CounterOutcome, CounterStore, Fence } from './adapter.ts'
import type { CounterCapabilities } from './capabilities.ts'
import { checkDuration, checkInteger, checkName, invalid } from './checks.ts'
import { InvalidArgumentError } from './errors.ts'
import { fenceOf, type FencedOptions } from './fences.ts'
import { placement } from './placement.ts'
import { Requests } from './requests.ts'
import type { Turn } from './turn.ts'

export interface TakeOptions extends FencedOptions {
  /** Names this change: repeated within `operationRetention` (a day), it is answered and not applied again. */
  readonly operationId?: string | undefined
}

export interface AddOptions extends TakeOptions {
  /** The change is applied only if the result is at least this. */
  readonly min?: number | undefined
  /** The change is applied only if the result is at most this. */
  readonly max?: number | undefined
  /** Milliseconds, from the moment the counter comes into being; later changes do not move its end. */
  readonly ttl?: number | undefined
}

export interface SetCounterOptions extends FencedOptions {
  /** Milliseconds. Without it the counter has no end. */
  readonly ttl?: number | undefined
}

export interface CounterAddition {
  readonly name: string
  readonly delta: number
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/** Whole numbers within ±(2^53 − 1), linearizable per name. An absent counter counts as 0. Times are milliseconds. */
export class Counters {
  readonly #store: CounterStore
  readonly #capabilities: CounterCapabilities | false
  readonly #requests: Requests<CounterChange, CounterOutcome>

  constructor(store: CounterStore, capabilities: CounterCapabilities | false, turn: Turn) {
    this.#store = store
    this.#capabilities = capabilities
    this.#requests = new Requests(store, turn, () => 0)
  }

  /** Take `n` (default 1) if that many are there. Resolves with what is left, or with `null`: not enough, nothing taken. */
  async take(name: string, n = 1, options: TakeOptions = {}): Promise<number | null> {
    checkInteger(n, 'n', 1)
    const operationId = checkOperationId(options)
    const change: CounterChange = { kind: 'add', delta: -n, min: 0, fence: this.#fence(options), operationId }
    const { applied, value } = await this.#requests.change(name, change, options)
    return applied ? value : null
  }

  /**
   * Add `delta`, whole or not at all: `applied: false` is an answer (a bound said no) and `value` is the value as it stands. Rejects with `OutOfRangeError`
   * when the result would not be exact, with `OutcomeUnknownError` when the change was sent and its answer cannot be learned.
   */
  async add(name: string, delta: number, options: AddOptions = {}): Promise<CounterOutcome> {
    checkInteger(delta, 'delta')
    const { min, max, ttl } = options
    checkBounds(min, max)
    if (ttl !== undefined) checkDuration(ttl, 'ttl')
    const operationId = checkOperationId(options)
    const change: CounterChange = { kind: 'add', delta, min, max, ttl, fence: this.#fence(options), operationId }
    return await this.#requests.change(name, change, options)
  }

  /**
   * Add to several counters, all or nothing. `values` stand in the order of the request. Where `capabilities.counters.addAll` is `'samePlacement'` the names
   * must share a tag; a name given twice is invalid.
   */
  async addAll(additions: readonly CounterAddition[], options: TakeOptions = {}): Promise<AddAllOutcome> {
    const changes = this.#checkAdditions(additions)
    const operationId = checkOperationId(options)
    const fence = this.#fence(options)
    const names = changes.map(({ name }) => name)
    return await this.#requests.changeTogether(
      names,
      (sequence, call) => this.#store.applyAll({ sequence, changes, operationId, fence }, call),
      options,
    )
  }

  /** 0 when absent. Linearizable. */
  async get(name: string, options: FencedOptions = {}): Promise<number> {
    const fence = this.#fence(options)
    return await this.#requests.read(name, (call) => this.#store.read(name, fence, call), options)
  }

  /** Give the counter this value, and the lifetime of a new one. */
  async set(name: string, value: number, options: SetCounterOptions = {}): Promise<void> {
    checkInteger(value, 'value')
    const { ttl } = options
    if (ttl !== undefined) checkDuration(ttl, 'ttl')
    await this.#requests.change(name, { kind: 'set', value, ttl, fence: this.#fence(options) }, options)
  }

  /** Set `value` if the counter stands at `expected`; its lifetime stays. `false`: it did not, nothing was changed. */
  async compareAndSet(name: string, expected: number, value: number, options: FencedOptions = {}): Promise<boolean> {
    checkInteger(expected, 'expected')
    checkInteger(value, 'value')
    const change: CounterChange = { kind: 'compareAndSet', expected, value, fence: this.#fence(options) }
    return (await this.#requests.change(name, change, options)).applied
  }

  /** `true`: there was one. */
  async delete(name: string, options: FencedOptions = {}): Promise<boolean> {
    return (await this.#requests.change(name, { kind: 'delete', fence: this.#fence(options) }, options)).applied
  }

  /** Take no more changes; resolves when nothing is under way. */
  close(): Promise<void> {
    return this.#requests.close()
  }

  #fence(options: FencedOptions): Fence | undefined {
    return fenceOf(options, this.#capabilities)
  }

  #checkAdditions(additions: readonly CounterAddition[]): AddAllRequest['changes'] {
    if (!Array.isArray(additions) || additions.length === 0)
      throw invalid('the additions', 'a non-empty array', additions)
    const changes = additions.map(({ name, delta, min, max }: CounterAddition) => {
      checkName(name)
      checkInteger(delta, 'delta')
      checkBounds(min, max)
      return { name, delta, min, max }
    })
    const names = new Set(changes.map((change) => change.name))
    if (names.size < changes.length) throw new InvalidArgumentError('addAll was given a name twice; add up its deltas')
    const places = new Set([...names].map(placement))
    if (places.size > 1 && this.#capabilities !== false && this.#capabilities.addAll === 'samePlacement') {
      throw new InvalidArgumentError(
        `addAll of this adapter takes names of one placement, got ${[...places].slice(0, 3).join(', ')}. Give the names a tag in common, as in stock:{42} and orders:{42}.`,
      )
    }
    return changes
  }
}

function checkBounds(min: number | undefined, max: number | undefined): void {
  if (min !== undefined) checkInteger(min, 'min')
  if (max !== undefined) checkInteger(max, 'max')
  if (min !== undefined && max !== undefined && min > max) throw invalid('min', `at most max (${max})`, min)
}

function checkOperationId({ operationId }: TakeOptions): string | undefined {
  if (operationId !== undefined) checkName(operationId, 'operationId')
  return operationId
}
