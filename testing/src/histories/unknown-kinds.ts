import type { Event } from './model.ts'

/** Events of which nobody knows whether they have happened, those with the same call together: one of them is as good as another, and the first to begin the best. */
export class UnknownKinds<Call, Answer> {
  readonly #kinds: readonly (readonly Event<Call, Answer>[])[]

  constructor(events: readonly Event<Call, Answer>[]) {
    const kinds = new Map<string, Event<Call, Answer>[]>()
    for (const event of events.toSorted((a, b) => a.from - b.from)) {
      const kind = JSON.stringify(event.call)
      kinds.set(kind, [...(kinds.get(kind) ?? []), event])
    }
    this.#kinds = [...kinds.values()]
  }

  /** None of any kind. */
  get none(): readonly number[] {
    return this.#kinds.map(() => 0)
  }

  /** Of each kind the next one, if it has begun by `time`; `used` of each have been placed. */
  *next(used: readonly number[], time: number): Generator<{ kind: number; event: Event<Call, Answer> }> {
    for (const [kind, events] of this.#kinds.entries()) {
      const event = events[used[kind] ?? 0]
      if (event !== undefined && event.from <= time) yield { kind, event }
    }
  }

  /** Of each kind all that have begun by `time` and have not been placed. */
  left(used: readonly number[], time: number): Event<Call, Answer>[] {
    return this.#kinds.flatMap((events, kind) => events.slice(used[kind]).filter(({ from }) => from <= time))
  }
}
