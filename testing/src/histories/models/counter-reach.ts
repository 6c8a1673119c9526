import type { Outcome } from '../model.ts'
import type { CounterCall, CounterState } from './counter-steps.ts'

/** Values from `low` to `high`. */
interface Range {
  readonly low: number
  readonly high: number
}

/** Whether a value that the answer asks for may come about by some of the calls, each at most once: `false` only if it cannot. */
export function canFit(
  { values }: CounterState,
  call: CounterCall,
  outcome: Outcome<unknown>,
  others: readonly CounterCall[],
): boolean {
  const needed = neededBy(call, outcome)
  if (needed === undefined || call.do === 'counters.addAll') return true
  const { name } = call
  const sameName = others.filter((other) => other.do === 'counters.addAll' || other.name === name)
  const { low, high } = reach(name, values.get(name) ?? 0, sameName)
  return needed >= low && needed <= high
}

/** The value that the call must find to be answered so; `undefined`: that does not say. */
function neededBy(call: CounterCall, outcome: Outcome<unknown>): number | undefined {
  if (outcome.kind !== 'answered' || 'operationId' in call) return undefined
  const { answer } = outcome
  switch (call.do) {
    case 'counters.get':
      return typeof answer === 'number' ? answer : undefined
    case 'counters.take':
      return typeof answer === 'number' ? answer + call.n : undefined
    case 'counters.compareAndSet':
      return answer === true ? call.expected : undefined
    case 'counters.add': {
      if (typeof answer !== 'object' || answer === null || !('value' in answer) || !('applied' in answer))
        return undefined
      return typeof answer.value === 'number' ? answer.value - (answer.applied === true ? call.delta : 0) : undefined
    }
    default:
      return undefined
  }
}

function reach(name: string, value: number, calls: readonly CounterCall[]): Range {
  const deltas = calls.map((call) => deltaOf(name, call))
  const down = deltas.reduce((sum, delta) => sum + Math.min(delta, 0), 0)
  const up = deltas.reduce((sum, delta) => sum + Math.max(delta, 0), 0)
  let base = { low: value, high: value }
  for (;;) {
    const range = { low: base.low + down, high: base.high + up }
    const targets = calls.flatMap((call) => targetOf(call, range))
    const wider = { low: Math.min(base.low, ...targets), high: Math.max(base.high, ...targets) }
    if (wider.low === base.low && wider.high === base.high) return range
    base = wider
  }
}

function deltaOf(name: string, call: CounterCall): number {
  switch (call.do) {
    case 'counters.add':
      return call.delta
    case 'counters.take':
      return -call.n
    case 'counters.addAll':
      return call.additions.find((addition) => addition.name === name)?.delta ?? 0
    default:
      return 0
  }
}

/** The value to which the call may set a counter that stands within the range. */
function targetOf(call: CounterCall, { low, high }: Range): number[] {
  switch (call.do) {
    case 'counters.set':
      return [call.value]
    case 'counters.delete':
      return [0]
    case 'counters.compareAndSet':
      return call.expected >= low && call.expected <= high ? [call.value] : []
    default:
      return []
  }
}
