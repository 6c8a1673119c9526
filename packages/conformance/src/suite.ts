import type { Adapter } from '@lockstep/state'
import { promises, type PromiseGroup, type PromiseId } from './promises.ts'
import { addAllTests } from './suite/add-all.ts'
import { argumentTests } from './suite/arguments.ts'
import { callTests } from './suite/calls.ts'
import { counterTests } from './suite/counters.ts'
import { entryTests } from './suite/entries.ts'
import { fencingTests } from './suite/fencing.ts'
import { leadTests } from './suite/lead.ts'
import { leaseTests } from './suite/leases.ts'
import { lifecycleTests } from './suite/lifecycle.ts'
import { lockTests } from './suite/locks.ts'
import { nameTests } from './suite/names.ts'
import { operationTests } from './suite/operations.ts'
import { propertyTests } from './suite/properties.ts'
import { requestTests } from './suite/requests.ts'
import { usingTests } from './suite/using.ts'
import { waitingTests } from './suite/waiting.ts'
import { attempt, type Test } from './trial.ts'

export interface ConformanceOptions {
  /**
   * Registers one test: `test` of vitest, of node:test, or of any runner that takes a title and a function that returns
   * a promise. The slowest test takes about two seconds on a fast store.
   */
  readonly test: (title: string, run: () => Promise<void>) => unknown
  /** A fresh adapter of the same store. Called again it is another client, as another process would be. */
  readonly adapter: () => Adapter | Promise<Adapter>
  /** Promises that this adapter does not keep, by id or by group (`'waiting'`); their tests say so and do nothing. */
  readonly without?: readonly (PromiseId | PromiseGroup)[]
  /** Runs of each property test. Default 30. */
  readonly runs?: number
  /** Repeats the property tests of an earlier run, which printed it when it failed. Default: a new one each time. */
  readonly seed?: number
}

const tests: Readonly<Record<PromiseId, Test>> = {
  ...nameTests,
  ...argumentTests,
  ...callTests,
  ...lockTests,
  ...waitingTests,
  ...leaseTests,
  ...usingTests,
  ...leadTests,
  ...fencingTests,
  ...counterTests,
  ...addAllTests,
  ...operationTests,
  ...entryTests,
  ...lifecycleTests,
  ...requestTests,
  ...propertyTests,
}

/**
 * Registers one test for each promise of the contract (see `promises`). Tests use names of their own, so a store may be
 * shared, and close what they open. They assert with node:assert, and run one after another: some stop the clock of
 * this thread for a moment.
 *
 * ```ts
 * import { conformance } from '@lockstep/conformance'
 * import { test } from 'vitest'
 *
 * conformance({ test, adapter: () => redis({ url }) })
 * ```
 */
export function conformance({ test, adapter, without = [], runs = 30, seed }: ConformanceOptions): void {
  for (const id of Object.keys(promises) as PromiseId[]) {
    const group = id.slice(0, id.indexOf('/')) as PromiseGroup
    if (without.includes(id) || without.includes(group)) {
      test(`${id}: not promised by this adapter (${promises[id]})`, async () => {})
    } else {
      test(`${id}: ${promises[id]}`, () => attempt(tests[id], { adapter, runs, seed }))
    }
  }
}
