import { isUnknown, type Operation } from './operation.ts'

/** What the end of a call says about it. Refused: the store has judged it and said no, with this code. */
export type Outcome<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown' }

/** An operation that has happened, or may have. */
export interface Event<Call, Answer> {
  readonly client: string
  readonly call: Call
  readonly from: number
  /** Infinity when nobody knows whether it has happened. */
  readonly to: number
  readonly outcome: Outcome<Answer>
}

/**
 * How one object behaves when its calls come one after another. States are never changed, only replaced, and must be small: many of them are kept.
 */
export interface Model<State, Call, Answer> {
  readonly initial: State
  /** The objects that a call is about. Calls that share none, directly or through others, are judged apart. */
  names(call: Call): readonly string[]
  /** What is known of the operation; nothing if it has had no effect and says nothing, as a call that was never sent. */
  outcome(operation: Operation<Call, Answer>): Outcome<Answer> | undefined
  /**
   * The state after the call has ended so, `state` itself (the same object) if it changes nothing; `undefined` if it cannot have ended so here. With an unknown
   * outcome: the state after it has happened, in which what only its answer would tell is left open.
   */
  step(state: State, event: Event<Call, Answer>): State | undefined
  /** Whether the event, where it leaves a state as it is, would leave every later one as it is: reads and refusals do, a write of the value that stands does not. */
  isIdle(event: Event<Call, Answer>): boolean
  /** `true`: this event, whose outcome is known, fits neither this state nor any that can follow it. Saves the search from looking; may be left out. */
  isPast?(state: State, event: Event<Call, Answer>): boolean
  /** `false`: the event does not fit until more happens than `others`, of which some may, each at most once. Saves the search from looking; may be left out. */
  canFit?(state: State, event: Event<Call, Answer>, others: readonly Event<Call, Answer>[]): boolean
  /** The same text for equal states, and only for them. */
  hash(state: State): string
  /** In words, for who has to find the fault. */
  describe(state: State): string
}

/** The outcome by the rules of `Operation`; `judged` are the codes with which the store itself refuses. */
export function outcomeOf<Answer>(
  operation: Operation<unknown, Answer>,
  judged: ReadonlySet<string>,
): Outcome<Answer> | undefined {
  const { failed } = operation
  if (isUnknown(operation)) return { kind: 'unknown' }
  // What resolves with nothing, as `set` does, has no answer in a file of JSON lines.
  if (failed === undefined) return { kind: 'answered', answer: operation.answer as Answer }
  return judged.has(failed) ? { kind: 'refused', code: failed } : undefined
}
