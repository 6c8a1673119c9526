import type { StateCall } from '@lockstep/conformance'
import { check, type CheckOptions } from './linearizability.ts'
import type { Model } from './model.ts'
import { counterModel } from './models/counter.ts'
import type { CounterCall } from './models/counter-steps.ts'
import { entryModel, type EntryCall } from './models/entry.ts'
import { fencedMutexModel } from './models/fenced-mutex.ts'
import { withTokens, type LeaseCall, type LostCall } from './models/leases.ts'
import { isUnknown, type Operation } from './operation.ts'

export type JudgedCall = StateCall | LostCall

/**
 * What speaks against a history of calls of one store, in words; nothing if all is well. Every counter (those that an `addAll` joins as one), entry and lock is held
 * against its model; what could not be decided within the budget speaks against it too.
 */
export function judge(history: readonly Operation<JudgedCall>[], options: CheckOptions = {}): string[] {
  const end = Math.max(...history.map(({ to, from }) => to ?? from))
  const { calls, strays } = withTokens(history.filter(isOf<LeaseCall>('locks.')))
  return [
    ...faultsOf('counter', counterModel, history.filter(isOf<CounterCall>('counters.')), options),
    ...faultsOf('entry', entryModel, history.filter(isOf<EntryCall>('entries.')), options),
    ...faultsOf('lock', fencedMutexModel, calls, options),
    ...strays
      .filter((stray) => !isUnknown(stray) && stray.answer === true)
      .map((stray) => `lock of a lease that was never had was released: ${JSON.stringify(stray)}`),
    ...history
      .filter(({ call, from }) => from + lifetimeOf(call) <= end)
      .map((operation) => `cannot be judged, its lifetime may end within the history: ${JSON.stringify(operation)}`),
  ]
}

function faultsOf<State, Call>(
  what: string,
  model: Model<State, Call, unknown>,
  operations: readonly Operation<Call>[],
  options: CheckOptions,
): string[] {
  return check(model, operations, options).findings.map(({ text }) => `${what} ${text}`)
}

/** Of what the call makes or lengthens, in milliseconds. Leases are judged with theirs. */
function lifetimeOf(call: JudgedCall): number {
  if (call.do.startsWith('locks.')) return Infinity
  const { ttl, maxLifetime, tombstone } = call as { ttl?: number; maxLifetime?: number; tombstone?: number }
  return Math.min(ttl ?? Infinity, maxLifetime ?? Infinity, tombstone ?? Infinity)
}

function isOf<Call extends JudgedCall>(start: string) {
  return (operation: Operation<JudgedCall>): operation is Operation<Call> => operation.call.do.startsWith(start)
}
