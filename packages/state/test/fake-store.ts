import type { ChangeList, CounterChange, CounterOutcome, CounterStore, Failure } from '@lockstep/state'

/** A counter store that remembers the lists it was given and answers when the test lets it. */
export class HeldCounterStore implements CounterStore {
  readonly lists: ChangeList<CounterChange>[] = []
  readonly #open: (() => void)[] = []
  readonly #values = new Map<string, number>()

  apply(list: ChangeList<CounterChange>): Promise<readonly (CounterOutcome | Failure)[]> {
    this.lists.push(list)
    return new Promise((resolve) =>
      this.#open.push(() => resolve(list.changes.map((change) => this.#apply(list.name, change)))),
    )
  }

  async applyAll(): Promise<{ applied: boolean; values: readonly number[] }> {
    await new Promise<void>((resolve) => this.#open.push(resolve))
    return { applied: true, values: [] }
  }

  async read(name: string): Promise<number> {
    return this.#values.get(name) ?? 0
  }

  /** How many requests wait for their answer. */
  get waiting(): number {
    return this.#open.length
  }

  /** Answer the oldest request. */
  answer(): void {
    this.#open.shift()?.()
  }

  #apply(name: string, change: CounterChange): CounterOutcome {
    const value = (this.#values.get(name) ?? 0) + (change.kind === 'add' ? change.delta : 0)
    this.#values.set(name, value)
    return { applied: true, value, expiresIn: null }
  }
}
