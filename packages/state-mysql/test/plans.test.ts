import { type Connection, type CounterChange, monotonic, Turn } from '@lockstep/state'
import { mysql } from '@lockstep/state-mysql'
import { startMysql } from '@lockstep/testing/servers/mysql'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

const most = Number.MAX_SAFE_INTEGER
const amount = fc.oneof(fc.integer({ min: -6, max: 6 }), fc.constantFrom(most, -most, most - 3, 3 - most))
const bound = fc.option(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(most, -most, most - 2, 2 - most)), {
  nil: undefined,
})
const addition = fc.record({ kind: fc.constant('add' as const), delta: amount, min: bound, max: bound })
/** Some alike, as callers of one sale are, some not. */
const lists = fc.oneof(
  fc.tuple(addition, fc.integer({ min: 1, max: 9 })).map(([one, count]) => Array.from({ length: count }, () => one)),
  fc.array(addition, { minLength: 1, maxLength: 6 }),
)

const call = () => ({ deadline: monotonic() + 10_000 })

await withServer('plans', startMysql, ({ uri }) => {
  let connection: Connection | undefined
  let names = 0
  const connect = (): Promise<Connection> =>
    mysql({ uri, prefix: 'plans_' }).connect({ signal: new AbortController().signal, turn: new Turn() })
  afterAll(() => connection?.close())

  test('a counter below zero counts on', async () => {
    connection ??= await connect()
    const apply = (change: CounterChange) =>
      connection?.counters?.apply({ name: 'below', sequence: 0, changes: [change] }, call()).catch(String)
    await apply({ kind: 'set', value: -5 })
    expect(await apply({ kind: 'add', delta: 1 })).toEqual([{ applied: true, value: -4, expiresIn: null }])
    expect(await apply({ kind: 'add', delta: -1, min: -4 })).toEqual([{ applied: false, value: -4, expiresIn: null }])
    expect(await connection.counters?.read('below', undefined, call())).toBe(-4)
  })

  test('a list that is one statement gets the answers of one change after another', async () => {
    connection ??= await connect()
    const { counters } = connection
    if (counters === undefined) throw new Error('there are no counters')
    const property = fc.asyncProperty(amount, lists, async (before, changes) => {
      const name = `plan ${(names += 1)}`
      const apply = (list: readonly CounterChange[]) => counters.apply({ name, sequence: 0, changes: list }, call())
      await apply([{ kind: 'set', value: before }])
      const outcomes = await apply(changes)
      const { answers, value } = naive(before, changes)
      expect(outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome))).toEqual(answers)
      expect(await counters.read(name, undefined, call())).toBe(value)
    })
    await fc.assert(property, { numRuns: 300 })
  })
})

function naive(
  before: number,
  changes: readonly { delta: number; min?: number | undefined; max?: number | undefined }[],
) {
  let value = before
  const answers = changes.map(({ delta, min = -Infinity, max = Infinity }) => {
    const sum = BigInt(value) + BigInt(delta)
    if (sum > BigInt(most) || sum < -BigInt(most)) return 'LOCKSTEP_OUT_OF_RANGE'
    const applied = Number(sum) >= min && Number(sum) <= max
    if (applied) value = Number(sum)
    return { applied, value, expiresIn: null }
  })
  return { answers, value }
}
