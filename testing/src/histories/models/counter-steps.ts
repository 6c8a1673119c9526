import type { Addition, StateCall } from '@lockstep/conformance'
import { isStale, raise, type Marks } from './marks.ts'
import { find, recorded, type Effect, type Records } from './records.ts'

export type CounterCall = StateCall & { readonly do: `counters.${string}` }

type Change = Extract<CounterCall, { do: 'counters.add' | 'counters.take' | 'counters.addAll' }>
type Other = Exclude<CounterCall, Change>

export interface CounterState {
  /** Of the counters that there are. */
  readonly values: ReadonlyMap<string, number>
  readonly marks: Marks
  /** What was done under an operation id. */
  readonly records: Records
}

/** What a call does: the state after it, and its answer or the code of its refusal. */
export interface CounterStep {
  readonly state: CounterState
  readonly answer?: unknown
  readonly refused?: string
}

interface ChangeStep {
  readonly state: CounterState
  readonly effect: Effect
}

export const stale = 'LOCKSTEP_STALE_TOKEN'
export const outOfRange = 'LOCKSTEP_OUT_OF_RANGE'
export const invalid = 'LOCKSTEP_INVALID_ARGUMENT'

/** One call after another, as the contract has it. */
export function carryOut(state: CounterState, call: CounterCall): CounterStep {
  switch (call.do) {
    case 'counters.add':
    case 'counters.take':
    case 'counters.addAll':
      return once(state, call)
    default:
      return underFence(state, call)
  }
}

/** In this order: operation record, fence, range, bounds. A refusal by a fence is not recorded. */
function once(state: CounterState, call: Change): CounterStep {
  const additions = additionsOf(call)
  const { operationId } = call
  const kind = call.do === 'counters.addAll' ? 'addAll' : 'add'
  if (operationId === undefined) return told(call, change(state, additions, call))
  const known = find(state.records, { operationId, kind, additions })
  if (known === 'another') return { state, refused: invalid }
  if (known !== undefined) return told(call, { state, effect: known })
  const step = change(state, additions, call)
  if (step.effect.refused === stale) return told(call, step)
  const records = recorded(state.records, { operationId, kind, additions, effect: step.effect })
  return told(call, { ...step, state: { ...step.state, records } })
}

function change(before: CounterState, additions: readonly Addition[], { fence }: Change): ChangeStep {
  const names = additions.map(({ name }) => name)
  if (isStale(before.marks, names, fence)) return { state: before, effect: { refused: stale } }
  const state = withMarks(before, raise(before.marks, names, fence))
  const sums = additions.map(({ name, delta }): [string, number] => [name, valueOf(state, name) + delta])
  if (!sums.every(([, sum]) => Number.isSafeInteger(sum))) return { state, effect: { refused: outOfRange } }
  const applied = additions.every(({ min = -Infinity, max = Infinity }, index) => {
    const sum = sums[index]?.[1] ?? 0
    return sum >= min && sum <= max
  })
  const after = applied ? withValues(state, sums) : state
  return { state: after, effect: { applied, values: names.map((name) => [name, valueOf(after, name)]) } }
}

function additionsOf(call: Change): readonly Addition[] {
  switch (call.do) {
    case 'counters.add':
      return [call]
    case 'counters.take':
      return [{ name: call.name, delta: -call.n, min: 0 }]
    case 'counters.addAll':
      return call.additions
  }
}

/** The effect in the words of this call, which need not be the one that had it. */
function told(call: Change, { state, effect }: ChangeStep): CounterStep {
  if ('refused' in effect) return { state, refused: effect.refused }
  const values = new Map(effect.values)
  const { applied } = effect
  switch (call.do) {
    case 'counters.add':
      return { state, answer: { applied, value: values.get(call.name) } }
    case 'counters.take':
      return { state, answer: applied ? values.get(call.name) : null }
    case 'counters.addAll':
      return { state, answer: { applied, values: call.additions.map(({ name }) => values.get(name)) } }
  }
}

function underFence(before: CounterState, call: Other): CounterStep {
  if (isStale(before.marks, [call.name], call.fence)) return { state: before, refused: stale }
  const state = withMarks(before, raise(before.marks, [call.name], call.fence))
  const value = valueOf(state, call.name)
  switch (call.do) {
    case 'counters.get':
      return { state, answer: value }
    case 'counters.set':
      return { state: withValues(state, [[call.name, call.value]]) }
    case 'counters.compareAndSet': {
      const applied = value === call.expected
      return { state: applied ? withValues(state, [[call.name, call.value]]) : state, answer: applied }
    }
    case 'counters.delete': {
      if (!state.values.has(call.name)) return { state, answer: false }
      const values = new Map([...state.values].filter(([name]) => name !== call.name))
      return { state: { ...state, values }, answer: true }
    }
  }
}

function valueOf({ values }: CounterState, name: string): number {
  return values.get(name) ?? 0
}

function withValues(state: CounterState, values: readonly [string, number][]): CounterState {
  const isSame = values.every(([name, value]) => state.values.get(name) === value)
  return isSame ? state : { ...state, values: new Map([...state.values, ...values]) }
}

function withMarks(state: CounterState, marks: Marks): CounterState {
  return marks === state.marks ? state : { ...state, marks }
}
