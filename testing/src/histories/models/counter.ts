import { outcomeOf, type Event, type Model } from '../model.ts'
import { canFit } from './counter-reach.ts'
import {
  carryOut,
  invalid,
  outOfRange,
  stale,
  type CounterCall,
  type CounterState,
  type CounterStep,
} from './counter-steps.ts'
import { textOf } from './marks.ts'

const judged: ReadonlySet<string> = new Set([stale, outOfRange])
/** What is invalid was refused before it was sent, except where an operation id was used before. */
const judgedWithId: ReadonlySet<string> = new Set([...judged, invalid])

/**
 * Counters with bounds, fences and operation ids, as the contract has them; those that an `addAll` joins are one object. Lifetimes are left out: a history is judged as
 * if no counter ends within it. So are `expiresIn` and the end of operation records.
 */
export const counterModel: Model<CounterState, CounterCall, unknown> = {
  initial: { values: new Map(), marks: new Map(), records: new Map() },
  names: (call) => (call.do === 'counters.addAll' ? call.additions.map(({ name }) => name) : [call.name]),
  outcome: (operation) => {
    const { call } = operation
    const outcome = outcomeOf(operation, 'operationId' in call ? judgedWithId : judged)
    // A read that was not answered says nothing and has no trace, unless it may have raised a fence mark.
    const silent = call.do === 'counters.get' && call.fence === undefined && outcome?.kind === 'unknown'
    return silent ? undefined : outcome
  },
  step: (state, event) => {
    const step = carryOut(state, event.call)
    return fits(step, event) ? step.state : undefined
  },
  isIdle: ({ call, outcome }) => {
    if (outcome.kind !== 'answered') return outcome.kind === 'refused'
    // It answers nothing (`null` in JSON) and changes all the same, if not now, then later.
    if (call.do === 'counters.set') return false
    const { answer } = outcome
    return call.do === 'counters.get' || answer === null || answer === false || property(answer, 'applied') === false
  },
  canFit: (state, { call, outcome }, others) =>
    canFit(
      state,
      call,
      outcome,
      others.map((other) => other.call),
    ),
  hash: ({ values, marks, records }) => `${textOf(values)}|${textOf(marks)}|${textOf(records)}`,
  describe: ({ values, marks, records }) => {
    const standing =
      values.size === 0 ? 'no counter' : [...values].map(([name, value]) => `${name} = ${value}`).join(', ')
    const seen = marks.size === 0 ? '' : `, fences seen ${textOf(marks)}`
    return `${standing}${seen}${records.size === 0 ? '' : `, operations ${textOf(records)}`}`
  },
}

function fits({ answer, refused }: CounterStep, { call, outcome }: Event<CounterCall, unknown>): boolean {
  switch (outcome.kind) {
    case 'unknown':
      return true
    case 'refused':
      return refused === outcome.code
    case 'answered':
      return refused === undefined && isAnswer(call, answer, outcome.answer)
  }
}

/** Whether this is what was to be answered, as far as it is judged. */
function isAnswer(call: CounterCall, expected: unknown, actual: unknown): boolean {
  if (call.do === 'counters.set') return true
  if (typeof expected !== 'object' || expected === null) return actual === expected
  return Object.entries(expected).every(
    ([key, value]) => JSON.stringify(property(actual, key)) === JSON.stringify(value),
  )
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
