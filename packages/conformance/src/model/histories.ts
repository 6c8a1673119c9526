import type { ChangeList, CounterChange, EntryChange } from '@lockstep/state'
import * as fc from 'fast-check'
import { firstWall, lockNames, presentVersion, type Step, type TimedStep } from './steps.ts'

const clients = ['p', 'q']
const names = ['x', 'y']
const lifetime = fc.constantFrom(1, 50, 1_000, 10_000, 10_000)
const name = fc.constantFrom(...names)

const owner = fc.constantFrom('o', 'p')
const lockOwner = fc.record({ name: fc.constantFrom(...lockNames), owner })

const lockStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        name: fc.constantFrom(...lockNames),
        owner,
        ttl: fc.constantFrom(100, 800, 3_000),
        wait: fc.constantFrom(0, 700, 5_000, 20_000),
        reserve: fc.constantFrom(0, 0, 8),
      })
      .map((request): Step => ({ op: 'acquire', ...request })),
  },
  { weight: 2, arbitrary: lockOwner.map((request): Step => ({ op: 'release', ...request })) },
  { weight: 1, arbitrary: lockOwner.map((request): Step => ({ op: 'cancel', ...request })) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.record({ name: fc.constantFrom(...lockNames), owner, ttl: lifetime }), { minLength: 1, maxLength: 3 })
      .map((leases): Step => ({ op: 'extend', leases })),
  },
  { weight: 1, arbitrary: fc.boolean().map((keepLeases): Step => ({ op: 'dropClient', keepLeases })) },
)

const fence = fc.record({
  name: fc.constantFrom(...lockNames),
  token: fc.integer({ min: -1, max: 2 }).map((step) => firstWall + step),
})
const small = fc.integer({ min: -4, max: 8 })
const bounds = { min: fc.integer({ min: -9, max: 0 }), max: fc.integer({ min: 4, max: 12 }) }
const delta = fc.oneof(
  { weight: 9, arbitrary: small },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER) },
)
const operationId = fc.constantFrom('o1', 'o2', 'o3')

const counterChange: fc.Arbitrary<CounterChange> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      { kind: fc.constant('add' as const), delta, ...bounds, ttl: lifetime, fence, operationId },
      { requiredKeys: ['kind', 'delta'] },
    ),
  },
  {
    // Of which a repeat is likely.
    weight: 3,
    arbitrary: fc.record(
      { kind: fc.constant('add' as const), delta: fc.constant(1), operationId, fence },
      { requiredKeys: ['kind', 'delta', 'operationId'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { kind: fc.constant('set' as const), value: small, ttl: lifetime, fence },
      { requiredKeys: ['kind', 'value'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { kind: fc.constant('compareAndSet' as const), expected: fc.constantFrom(0, 1, 2), value: small, fence },
      { requiredKeys: ['kind', 'expected', 'value'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), fence }, { requiredKeys: ['kind'] }) },
)

const entryChange: fc.Arbitrary<EntryChange> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        kind: fc.constant('set' as const),
        value: fc.constantFrom('a', 'b'),
        ttl: lifetime,
        maxLifetime: lifetime,
        ifVersion: fc.constantFrom(0, presentVersion, presentVersion, firstWall),
        fence,
      },
      { requiredKeys: ['kind', 'value'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { kind: fc.constant('touch' as const), ttl: lifetime, fence },
      { requiredKeys: ['kind', 'ttl'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { kind: fc.constant('delete' as const), tombstone: lifetime, fence },
      { requiredKeys: ['kind'] },
    ),
  },
)

const read = fc.record({ name, fence }, { requiredKeys: ['name'] })

const anyAddAll = fc
  .shuffledSubarray(names, { minLength: 1 })
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((one) =>
        fc.record({ name: fc.constant(one), delta, ...bounds }, { requiredKeys: ['name', 'delta'] }),
      ),
    ),
  )
/** Of which a repeat is likely, also with its names in another order. */
const sameAddAll = fc.shuffledSubarray(
  [
    { name: 'x', delta: 1 },
    { name: 'y', delta: 2 },
  ],
  { minLength: 2 },
)

function changes<Change>(change: fc.Arbitrary<Change>): fc.Arbitrary<ChangeList<Change>> {
  return fc.record({ name, sequence: fc.constant(0), changes: fc.array(change, { minLength: 1, maxLength: 3 }) })
}

const valueStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: changes(counterChange).map((list): Step => ({ op: 'changeCounter', ...list })) },
  { weight: 4, arbitrary: changes(entryChange).map((list): Step => ({ op: 'changeEntry', ...list })) },
  {
    weight: 2,
    arbitrary: fc
      .record(
        { sequence: fc.constant(0), changes: fc.oneof(anyAddAll, sameAddAll), operationId, fence },
        { requiredKeys: ['sequence', 'changes'] },
      )
      .map((request): Step => ({ op: 'addAll', ...request })),
  },
  { weight: 1, arbitrary: read.map((request): Step => ({ op: 'readCounter', ...request })) },
  { weight: 3, arbitrary: read.map((request): Step => ({ op: 'readEntry', ...request })) },
)

/**
 * Histories of two clients over few names, so that they meet often, on virtual clocks that start at 0 ms and
 * `firstWall`. Sequences are 0: the caller numbers the lists.
 */
export const histories: fc.Arbitrary<TimedStep[]> = fc.array(
  fc.record({
    client: fc.constantFrom(...clients),
    after: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(1, 49, 50, 700, 2_000) },
    ),
    wallAfter: fc.constantFrom(0, 1, 3, -5, 10_000),
    step: fc.oneof(lockStep, valueStep),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
)
