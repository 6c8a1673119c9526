import type { Event, Model } from './model.ts'
import { Seen } from './seen.ts'
import { UnknownKinds } from './unknown-kinds.ts'

/** The operations placed so far, the last first. */
export interface Placed<Call, Answer> {
  readonly event: Event<Call, Answer>
  readonly before: Placed<Call, Answer> | undefined
}

/** Where the search came to a stand: `blocked` has to come now or never, and fits none of `states`. */
export interface Stand<State, Call, Answer> {
  readonly blocked: Event<Call, Answer>
  readonly states: readonly State[]
  /** A longest order that was found, the last first. */
  readonly placed: Placed<Call, Answer> | undefined
}

export type Search<State, Call, Answer> =
  | { readonly found: true; readonly visited: number }
  | { readonly found: false; readonly visited: number; readonly stand: Stand<State, Call, Answer> }
  | { readonly found: 'undecided'; readonly visited: number }

interface Configuration<State, Call, Answer> {
  readonly state: State
  /** The known events that may come next, by their place in the order of ends; all others come after one of these, or have been placed. */
  readonly open: readonly number[]
  /** How many known events are open or placed. */
  readonly begun: number
  /** How many unknown events of each kind have been placed. */
  readonly used: readonly number[]
  readonly placed: Placed<Call, Answer> | undefined
}

/** More of the same would only bury the rest. */
const enoughStands = 3

/**
 * Looks for an order of the events that respects time (what has ended before another began comes first) and in which the model gives every known answer.
 *
 * Depth first, with all configurations (what is placed, and the state) remembered, after Wing and Gong (Testing and Verifying Concurrent Objects, 1993) and Lowe
 * (Testing for linearizability, 2017), as in Porcupine (https://github.com/anishathalye/porcupine). Own are three cuts: a read or refusal that fits is placed at once,
 * since no other order could need it later; unknown operations are placed only when nothing else can be, those with the same call in the order of their beginnings;
 * and of two configurations that differ in the unknown ones they have placed, the one that has placed more is left (see `Seen`).
 */
export class Searcher<State, Call, Answer> {
  readonly #model: Model<State, Call, Answer>
  readonly #byEnd: readonly Event<Call, Answer>[]
  /** Places in `#byEnd`, in the order of beginnings. */
  readonly #byBeginning: readonly number[]
  readonly #unknown: UnknownKinds<Call, Answer>
  readonly #seen = new Seen()
  #visited = 0
  /** The configurations that came furthest. */
  #furthest = { blocked: -1, placed: -1, unknown: 0 }
  #stands: Configuration<State, Call, Answer>[] = []

  constructor(model: Model<State, Call, Answer>, events: readonly Event<Call, Answer>[]) {
    this.#model = model
    this.#byEnd = events.filter(({ outcome }) => outcome.kind !== 'unknown').toSorted((a, b) => a.to - b.to)
    const places = [...this.#byEnd.keys()]
    this.#byBeginning = places.toSorted((a, b) => this.#event(a).from - this.#event(b).from)
    this.#unknown = new UnknownKinds(events.filter(({ outcome }) => outcome.kind === 'unknown'))
  }

  /** `budget`: configurations to visit before the question is left undecided. */
  run(budget: number): Search<State, Call, Answer> {
    const first = { state: this.#model.initial, used: this.#unknown.none, placed: undefined, ...this.#openMore([], 0) }
    // An own stack: a history is longer than that of the machine is deep.
    const path: Generator<Configuration<State, Call, Answer>>[] = []
    let next: Configuration<State, Call, Answer> | undefined = first
    for (;;) {
      const configuration: Configuration<State, Call, Answer> | undefined = next && this.#settle(next)
      if (configuration?.open.length === 0) return { found: true, visited: this.#visited }
      if (configuration !== undefined && this.#isWorthwhile(configuration)) path.push(this.#after(configuration))
      if (this.#visited > budget) return { found: 'undecided', visited: this.#visited }
      const last = path.at(-1)
      if (last === undefined) return { found: false, visited: this.#visited, stand: this.#stand() }
      next = last.next().value as typeof next
      if (next === undefined) path.pop()
    }
  }

  /** Places the reads and refusals that fit. */
  #settle(configuration: Configuration<State, Call, Answer>): Configuration<State, Call, Answer> {
    let settled = configuration
    for (;;) {
      const { state, open } = settled
      const idle = open.find((index) => {
        const event = this.#event(index)
        return this.#model.isIdle(event) && this.#model.step(state, event) === state
      })
      if (idle === undefined) return settled
      settled = this.#place(settled, idle, state)
    }
  }

  *#after(configuration: Configuration<State, Call, Answer>): Generator<Configuration<State, Call, Answer>> {
    const { state, open, used, placed: before } = configuration
    for (const index of open) {
      const next = this.#model.step(state, this.#event(index))
      if (next !== undefined) yield this.#place(configuration, index, next)
    }
    const first = Math.min(...open)
    const { to } = this.#event(first)
    if (!this.#canFit(configuration, first)) return
    for (const { kind, event } of this.#unknown.next(used, to)) {
      const next = this.#model.step(state, event)
      if (next === undefined || next === state) continue
      yield { ...configuration, state: next, used: used.with(kind, (used[kind] ?? 0) + 1), placed: { event, before } }
    }
  }

  /** Whether the first to end of those open can come to fit by what may come before it. */
  #canFit({ state, open, used }: Configuration<State, Call, Answer>, first: number): boolean {
    if (this.#model.canFit === undefined) return true
    const event = this.#event(first)
    const known = open.filter((index) => index !== first).map((index) => this.#event(index))
    return this.#model.canFit(state, event, [...known, ...this.#unknown.left(used, event.to)])
  }

  #place(
    { open, begun, used, placed: before }: Configuration<State, Call, Answer>,
    index: number,
    state: State,
  ): Configuration<State, Call, Answer> {
    const event = this.#event(index)
    const rest = open.filter((other) => other !== index)
    return { state, used, placed: { event, before }, ...this.#openMore(rest, begun) }
  }

  /** Opens the events that began before any open one had ended. Who begins at the very moment may still come before it. */
  #openMore(open: readonly number[], begun: number): { open: readonly number[]; begun: number } {
    const all = [...open]
    let firstEnd = Math.min(...open)
    let index = this.#byBeginning[begun]
    let count = begun
    while (index !== undefined && (all.length === 0 || this.#event(index).from <= this.#event(firstEnd).to)) {
      all.push(index)
      firstEnd = Math.min(firstEnd, index)
      index = this.#byBeginning[(count += 1)]
    }
    return { open: all, begun: count }
  }

  #isWorthwhile(configuration: Configuration<State, Call, Answer>): boolean {
    const { state, open, begun, used } = configuration
    this.#visited += 1
    if (!this.#seen.add(`${open.join()} ${this.#model.hash(state)}`, used)) return false
    const past = open.find((index) => this.#model.isPast?.(state, this.#event(index)))
    const reached = {
      blocked: past ?? Math.min(...open),
      placed: begun - open.length,
      unknown: used.reduce((sum, count) => sum + count, 0),
    }
    // The fewer unknown operations it takes, the easier it is to follow.
    const further =
      reached.blocked - this.#furthest.blocked ||
      reached.placed - this.#furthest.placed ||
      this.#furthest.unknown - reached.unknown
    if (further > 0) {
      this.#furthest = reached
      this.#stands = []
    }
    if (further >= 0 && this.#stands.length < enoughStands) this.#stands.push(configuration)
    return past === undefined
  }

  #stand(): Stand<State, Call, Answer> {
    return {
      blocked: this.#event(this.#furthest.blocked),
      states: this.#stands.map(({ state }) => state),
      placed: this.#stands[0]?.placed,
    }
  }

  #event(index: number): Event<Call, Answer> {
    const event = this.#byEnd[index]
    if (event === undefined) throw new RangeError(`there is no event ${index}`)
    return event
  }
}
