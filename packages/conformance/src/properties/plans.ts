import type { Fence } from '@lockstep/state'
import * as fc from 'fast-check'
import { tokenOfNow } from '../holders.ts'
import { presentVersion } from '../model/steps.ts'
import type { Addition, StateCall } from './state-call.ts'

/** A call, and which of the clients makes it. */
export interface Planned {
  readonly client: number
  readonly call: StateCall
}

const names = ['a', 'b', 'c']
const name = fc.constantFrom(...names)
const lease = fc.constantFrom('first', 'second')

/** Longer than any test, so that nothing depends on how fast it runs. */
const lifetime = fc.constantFrom(60_000, 3_600_000)

const small = fc.integer({ min: -4, max: 8 })
const delta = fc.oneof(
  { weight: 12, arbitrary: small },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER) },
)
const bounds = { min: small, max: fc.integer({ min: 9, max: 20 }) }
/** A version that no entry has. */
const neverGiven = 2
const operationId = fc.constantFrom('o1', 'o2', 'o3')

/** Sequences of calls by so many clients. */
export function plans(clients: number): fc.Arbitrary<Planned[]> {
  const oldest = tokenOfNow()
  const fence: fc.Arbitrary<Fence> = fc.record({
    name: fc.constantFrom('l', 'm'),
    token: fc.integer({ min: 0, max: 3 }).map((step) => oldest + step),
  })
  const calls: [weight: number, fc.Arbitrary<StateCall>][] = [
    [
      6,
      fc.record(
        { do: does('counters.add'), name, delta, ...bounds, ttl: lifetime, fence, operationId },
        { requiredKeys: ['do', 'name', 'delta'] },
      ),
    ],
    [
      3,
      fc.record(
        { do: does('counters.take'), name, n: fc.integer({ min: 1, max: 5 }), fence, operationId },
        { requiredKeys: ['do', 'name', 'n'] },
      ),
    ],
    [
      2,
      fc.record(
        { do: does('counters.addAll'), additions: additions(), fence, operationId },
        { requiredKeys: ['do', 'additions'] },
      ),
    ],
    [2, fc.record({ do: does('counters.get'), name, fence }, { requiredKeys: ['do', 'name'] })],
    [2, fc.record({ do: does('counters.set'), name, value: small, fence }, { requiredKeys: ['do', 'name', 'value'] })],
    [
      2,
      fc.record(
        { do: does('counters.compareAndSet'), name, expected: fc.nat({ max: 2 }), value: small, fence },
        { requiredKeys: ['do', 'name', 'expected', 'value'] },
      ),
    ],
    [1, fc.record({ do: does('counters.delete'), name, fence }, { requiredKeys: ['do', 'name'] })],
    [3, fc.record({ do: does('entries.get'), name, fence }, { requiredKeys: ['do', 'name'] })],
    [
      5,
      fc.record(
        {
          do: does('entries.set'),
          name,
          value: fc.string({ maxLength: 3 }),
          ttl: lifetime,
          maxLifetime: lifetime,
          ifVersion: fc.constantFrom(0, presentVersion, neverGiven),
          fence,
        },
        { requiredKeys: ['do', 'name', 'value'] },
      ),
    ],
    [1, fc.record({ do: does('entries.touch'), name, ttl: lifetime })],
    [2, fc.record({ do: does('entries.delete'), name, fence }, { requiredKeys: ['do', 'name'] })],
    [1, fc.record({ do: does('entries.delete'), name, tombstone: lifetime })],
    [3, fc.record({ do: does('locks.tryAcquire'), name, lease, ttl: lifetime })],
    [3, fc.record({ do: does('locks.release'), lease })],
    [1, fc.record({ do: does('locks.inspect'), name })],
  ]
  const any = fc.oneof(...calls.map(([weight, arbitrary]) => ({ weight, arbitrary })))
  return fc.array(fc.record({ client: fc.nat({ max: clients - 1 }), call: any }), { minLength: 1, maxLength: 30 })
}

function does<Do extends StateCall['do']>(method: Do): fc.Arbitrary<Do> {
  return fc.constant(method)
}

function additions(): fc.Arbitrary<readonly Addition[]> {
  return fc
    .shuffledSubarray(names, { minLength: 1 })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((one) =>
          fc.record({ name: fc.constant(one), delta, ...bounds }, { requiredKeys: ['name', 'delta'] }),
        ),
      ),
    )
}
