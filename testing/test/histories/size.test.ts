import type { StateCall } from '@lockstep/conformance'
import { check } from '@lockstep/testing/histories/linearizability'
import { counterModel } from '@lockstep/testing/histories/models/counter'
import type { CounterCall } from '@lockstep/testing/histories/models/counter-steps'
import type { Operation } from '@lockstep/testing/histories/operation'
import { expect, test } from 'vitest'
import { pick, random } from './fixtures/random.ts'
import { history } from './fixtures/store.ts'

const seed = 7

/** Additions of one and reads. Written down in the order of their ends. */
async function additions(
  operations: number,
  clients: number,
  names: number,
  unknown = 0,
): Promise<Operation<CounterCall>[]> {
  const next = random(seed)
  const callOf = (): StateCall => {
    const name = `x${Math.floor(next() * names)}`
    return pick<StateCall>(next, [
      { do: 'counters.add', name, delta: 1 },
      { do: 'counters.get', name },
    ])
  }
  const plans = Array.from({ length: clients }, () => Array.from({ length: operations / clients }, callOf))
  return (await history({ seed, plans, unknown })) as Operation<CounterCall>[]
}

/** The history, in which a read long after the first half has an old value. */
function withStaleRead(operations: readonly Operation<CounterCall>[]): Operation<CounterCall>[] {
  const stale = operations.findIndex(
    ({ call, answer }, index) => index > operations.length / 2 && call.do === 'counters.get' && Number(answer) > 20,
  )
  return operations.map((operation, index) => (index === stale ? { ...operation, answer: 1 } : operation))
}

test.each([
  [5_000, 8, 1, 0],
  [4_992, 16, 1, 0],
  [20_000, 16, 50, 0],
  [40_000, 16, 1, 0],
  [4_992, 16, 1, 0.01],
])('%i operations of %i clients on %i counters, %d of them unknown, take few configurations', async (...size) => {
  const operations = await additions(...size)
  const good = check(counterModel, operations)
  expect(good.ok).toBe(true)
  expect(good.visited).toBeLessThan(3 * operations.length)
  const bad = check(counterModel, withStaleRead(operations))
  expect(bad.findings.map(({ kind }) => kind)).toEqual(['fault'])
  expect(bad.visited).toBeLessThan(40 * operations.length)
})

test('a search that is given up is a finding, not an acquittal', async () => {
  const operations = await additions(100, 4, 1)
  const { ok, findings } = check(counterModel, operations, { budget: 10 })
  expect(ok).toBe(false)
  expect(findings).toMatchObject([{ kind: 'undecided', names: ['x0'] }])
})
