import { explain } from './explanation.ts'
import type { Event, Model } from './model.ts'
import type { Operation } from './operation.ts'
import { partition } from './partition.ts'
import { Searcher, type Placed } from './search.ts'

/** No order of the calls explains what was answered. */
export interface Fault<Call, Answer> {
  readonly kind: 'fault'
  /** The objects that the calls are about. */
  readonly names: readonly string[]
  /** The first to end of which no order can be found that has all that ended before it. */
  readonly blocked: Event<Call, Answer>
  /** A longest order of calls that was found without it. */
  readonly prefix: readonly Event<Call, Answer>[]
  /** The same in words, with the calls around it. */
  readonly text: string
}

/** The search was given up. Nobody knows whether all is well, so it counts as a fault. */
export interface Undecided {
  readonly kind: 'undecided'
  readonly names: readonly string[]
  readonly text: string
}

export interface Verdict<Call, Answer> {
  /** Only if every object was searched to the end and none has a fault. */
  readonly ok: boolean
  readonly findings: readonly (Fault<Call, Answer> | Undecided)[]
  /** Configurations that were visited. */
  readonly visited: number
}

export interface CheckOptions {
  /** Configurations to visit for each object before it is left undecided; they are kept meanwhile. Default 500,000. */
  readonly budget?: number
}

/**
 * Whether the calls of each object can be put in an order that respects time and that the model could have answered so (Herlihy and Wing, Linearizability: a
 * correctness condition for concurrent objects, 1990). Objects are judged apart, which is as good (locality). Operations that nobody knows of may have happened at any
 * time after their beginning, or never.
 */
export function check<State, Call, Answer>(
  model: Model<State, Call, Answer>,
  operations: readonly Operation<Call, Answer>[],
  { budget = 500_000 }: CheckOptions = {},
): Verdict<Call, Answer> {
  const events = operations.flatMap((operation) => eventOf(model, operation))
  const verdicts = partition(events, ({ call }) => model.names(call)).map((group) => checkObject(model, group, budget))
  const findings = verdicts.flatMap(({ finding }) => finding)
  return {
    ok: findings.length === 0,
    findings,
    visited: verdicts.reduce((sum, { visited }) => sum + visited, 0),
  }
}

function eventOf<State, Call, Answer>(
  model: Model<State, Call, Answer>,
  operation: Operation<Call, Answer>,
): Event<Call, Answer>[] {
  const { client, call, from, to = Infinity } = operation
  const outcome = model.outcome(operation)
  if (outcome === undefined) return []
  return [{ client, call, from, to: outcome.kind === 'unknown' ? Infinity : to, outcome }]
}

function checkObject<State, Call, Answer>(
  model: Model<State, Call, Answer>,
  events: readonly Event<Call, Answer>[],
  budget: number,
): { finding: (Fault<Call, Answer> | Undecided)[]; visited: number } {
  const search = new Searcher(model, events).run(budget)
  const { visited } = search
  if (search.found === true) return { finding: [], visited }
  const names = [...new Set(events.flatMap(({ call }) => model.names(call)))]
  if (search.found === 'undecided') {
    const text = `${names.join(', ')}: undecided after ${visited} configurations of ${events.length} calls`
    return { finding: [{ kind: 'undecided', names, text }], visited }
  }
  const { stand } = search
  const prefix = inOrder(stand.placed)
  const text = explain(model, { names, events, stand, prefix })
  return { finding: [{ kind: 'fault', names, blocked: stand.blocked, prefix, text }], visited }
}

function inOrder<Call, Answer>(placed: Placed<Call, Answer> | undefined): Event<Call, Answer>[] {
  const events: Event<Call, Answer>[] = []
  for (let last = placed; last !== undefined; last = last.before) events.push(last.event)
  return events.toReversed()
}
