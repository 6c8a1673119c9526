import { describe, expect, test } from 'vitest'
import { day, Driver, firstWall } from './driver.ts'

const order = { kind: 'add', delta: -2, min: 0, operationId: 'order-1' } as const
const invalid = { code: 'LOCKSTEP_INVALID_ARGUMENT' }

function stocked(value = 3): Driver {
  const driver = new Driver()
  for (const name of ['a', 'b', 'c']) driver.change(name, { kind: 'set', value })
  return driver
}

function addAll(driver: Driver, names: readonly string[], delta = -2): unknown {
  const changes = names.map((name) => ({ name, delta, min: 0 }))
  return driver.execute('a', { op: 'addAll', sequence: 0, operationId: 'order-1', changes })
}

describe('a repeat of an operation', () => {
  test('is answered from the record and not applied again', () => {
    const driver = stocked()
    const answer = driver.change('a', order)
    driver.pass(1_000)
    expect(driver.change('a', order)).toEqual(answer)
    expect(driver.read('a')).toBe(1)
  })

  test('is answered with the refusal that it had, though now there would be enough', () => {
    const driver = stocked(1)
    const answer = driver.change('a', order)
    expect(answer).toMatchObject({ applied: false, value: 1 })
    driver.change('a', { kind: 'set', value: 100 })
    expect(driver.change('a', order)).toEqual(answer)
  })

  test('is answered with the failure that it had when it left the range', () => {
    const driver = stocked(Number.MAX_SAFE_INTEGER)
    const operation = { kind: 'add', delta: 1, operationId: 'o' } as const
    const answer = driver.change('a', operation)
    expect(answer).toMatchObject({ code: 'LOCKSTEP_OUT_OF_RANGE' })
    driver.change('a', { kind: 'set', value: 0 })
    expect(driver.change('a', operation)).toEqual(answer)
  })

  test('may have another fence and ttl, and its fence is not judged', () => {
    const driver = stocked()
    const answer = driver.change('a', order)
    driver.read('a', { name: 'lock', token: firstWall + 9_000_000 })
    const fence = { name: 'lock', token: firstWall + 6_000_000 }
    expect(driver.change('a', { ...order, ttl: 5, fence })).toEqual(answer)
  })

  test.each([{ delta: -1 }, { min: -1 }, { max: 9 }])('with %o is refused as invalid', (changed) => {
    const driver = stocked()
    driver.change('a', order)
    expect(driver.change('a', { ...order, ...changed })).toMatchObject(invalid)
    expect(driver.read('a')).toBe(1)
  })

  test('is new after the retention', () => {
    const driver = stocked()
    driver.change('a', order)
    driver.pass(day)
    expect(driver.change('a', order)).toMatchObject({ applied: false, value: 1 })
    driver.pass(day + 16)
    driver.tick()
    expect(driver.engine.stats()).toMatchObject({ operations: 0 })
  })

  test('made of an id that expired and was used anew is answered from the new record', () => {
    const driver = stocked()
    driver.change('a', order)
    driver.pass(day)
    const answer = driver.change('a', order)
    driver.pass(100)
    driver.tick()
    driver.change('a', { kind: 'set', value: 100 })
    expect(driver.change('a', order)).toEqual(answer)
  })
})

test('a stale fence is not recorded: the operation may come again with a better one', () => {
  const driver = stocked()
  driver.read('a', { name: 'lock', token: firstWall + 9_000_000 })
  const fenced = (token: number) => driver.change('a', { ...order, fence: { name: 'lock', token } })
  expect(fenced(firstWall + 6_000_000)).toMatchObject({ code: 'LOCKSTEP_STALE_TOKEN' })
  expect(fenced(firstWall + 9_000_001)).toMatchObject({ applied: true })
})

describe('an operation over several names', () => {
  test('is answered from the record, in the order of the names of the repeat', () => {
    const driver = stocked()
    driver.change('b', { kind: 'add', delta: 5 })
    expect(addAll(driver, ['a', 'b'])).toEqual({ applied: true, values: [1, 6] })
    expect(addAll(driver, ['a', 'b'])).toEqual({ applied: true, values: [1, 6] })
    expect(addAll(driver, ['b', 'a'])).toEqual({ applied: true, values: [6, 1] })
    expect(driver.engine.stats()).toMatchObject({ operations: 1 })
  })

  test('is on record under every name: with another set of names that shares one it is invalid', () => {
    const driver = stocked()
    addAll(driver, ['a', 'b'])
    expect(addAll(driver, ['b', 'c'])).toMatchObject(invalid)
    expect(addAll(driver, ['b'])).toMatchObject(invalid)
    expect(addAll(driver, ['a', 'b'], -1)).toMatchObject(invalid)
    expect(driver.read('c')).toBe(3)
  })

  test('is not the single add with the same id, names and delta', () => {
    const driver = stocked()
    addAll(driver, ['a'])
    expect(driver.change('a', order)).toMatchObject(invalid)
    driver.change('b', order)
    expect(addAll(driver, ['b'])).toMatchObject(invalid)
  })

  test('that shares no name is another operation', () => {
    const driver = stocked()
    addAll(driver, ['a', 'b'])
    expect(addAll(driver, ['c'])).toEqual({ applied: true, values: [1] })
  })

  test('is answered with its failure too', () => {
    const driver = stocked(Number.MAX_SAFE_INTEGER)
    const answer = addAll(driver, ['a'], 1)
    expect(answer).toMatchObject({ code: 'LOCKSTEP_OUT_OF_RANGE' })
    driver.change('a', { kind: 'set', value: 0 })
    expect(addAll(driver, ['a'], 1)).toEqual(answer)
  })
})
