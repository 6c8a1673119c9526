import type { StateCall } from '@lockstep/conformance'
import { check } from '@lockstep/testing/histories/linearizability'
import type { Model } from '@lockstep/testing/histories/model'
import { counterModel } from '@lockstep/testing/histories/models/counter'
import type { CounterCall } from '@lockstep/testing/histories/models/counter-steps'
import { entryModel, type EntryCall } from '@lockstep/testing/histories/models/entry'
import { fencedMutexModel, type LockCall } from '@lockstep/testing/histories/models/fenced-mutex'
import { withTokens, type LeaseCall } from '@lockstep/testing/histories/models/leases'
import type { Operation } from '@lockstep/testing/histories/operation'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasOrder } from './fixtures/brute-force.ts'
import { callOf } from './fixtures/calls.ts'
import { random } from './fixtures/random.ts'
import { history } from './fixtures/store.ts'

/** Trying all orders takes longer with each one more. */
const most = 7

/** Calls of three clients, `edits` of whose answers have been changed. */
interface Example {
  readonly seed: number
  readonly unknown: number
  readonly edits: readonly { readonly at: number; readonly by: number }[]
}

const examples: fc.Arbitrary<Example> = fc.record({
  seed: fc.integer(),
  unknown: fc.constantFrom(0, 0.2, 0.5),
  edits: fc.array(fc.record({ at: fc.nat({ max: most - 1 }), by: fc.constantFrom(-2, -1, 1, 2) }), { maxLength: 2 }),
})

async function operationsOf(
  { seed, unknown, edits }: Example,
  start: 'counters.' | 'entries.' | 'locks.',
  names: readonly string[] = ['a'],
): Promise<Operation<StateCall>[]> {
  const next = random(seed)
  const calls: StateCall[] = []
  while (calls.length < most) {
    const call = callOf(next, names)
    if (call.do.startsWith(start)) calls.push(call)
  }
  const plans = [0, 1, 2].map((client) => calls.filter((_, index) => index % 3 === client))
  const operations = await history({ seed, plans, unknown })
  return operations.map((operation, index) => {
    const edit = edits.find(({ at }) => at === index)
    return edit === undefined || operation.failed !== undefined
      ? operation
      : { ...operation, answer: edited(operation.answer, edit.by) }
  })
}

function edited(answer: unknown, by: number): unknown {
  if (typeof answer === 'number') return answer + by
  if (typeof answer === 'boolean') return by > 0 ? !answer : answer
  if (answer === null) return { token: 1_000_001 + by, value: 'v', version: 1_000_001 + by }
  if (typeof answer !== 'object') return answer
  const entries = Object.entries(answer).map(([key, value]) => [key, typeof value === 'number' ? value + by : value])
  return Object.fromEntries(entries)
}

/** Has both judge so many examples, and says how many of each sort there were. */
async function compare<State, Call>(
  model: Model<State, Call, unknown>,
  operationsOfExample: (example: Example) => Promise<readonly Operation<Call>[]>,
): Promise<{ good: number; bad: number }> {
  const counts = { good: 0, bad: 0 }
  const property = fc.asyncProperty(examples, async (example) => {
    const operations = await operationsOfExample(example)
    const expected = hasOrder(model, operations)
    expect(check(model, operations).ok).toBe(expected)
    counts[expected ? 'good' : 'bad'] += 1
  })
  await fc.assert(property, { numRuns: 400 })
  return counts
}

/** Calls of one lock, some of whose leases may have ended meanwhile. */
async function lockCallsOf(example: Example): Promise<Operation<LockCall>[]> {
  const { calls } = withTokens((await operationsOf(example, 'locks.')) as Operation<LeaseCall>[])
  return calls.map(({ call, ...rest }) => ({ ...rest, call: 'ttl' in call ? { ...call, ttl: rest.from } : call }))
}

describe('the search finds an order exactly if there is one', () => {
  test('for counters', async () => {
    const counts = await compare(
      counterModel,
      (example) => operationsOf(example, 'counters.', ['a', 'b']) as Promise<Operation<CounterCall>[]>,
    )
    expect(Math.min(counts.good, counts.bad)).toBeGreaterThan(40)
  })

  test('for entries', async () => {
    const counts = await compare(
      entryModel,
      (example) => operationsOf(example, 'entries.') as Promise<Operation<EntryCall>[]>,
    )
    expect(Math.min(counts.good, counts.bad)).toBeGreaterThan(40)
  })

  test('for locks', async () => {
    const counts = await compare(fencedMutexModel, lockCallsOf)
    expect(Math.min(counts.good, counts.bad)).toBeGreaterThan(40)
  })
})
