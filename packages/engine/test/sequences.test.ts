import { describe, expect, test } from 'vitest'
import { Driver } from './driver.ts'

const unknown = { code: 'LOCKSTEP_OUTCOME_UNKNOWN' }

function list(sequence: number, name = 'n') {
  return { name, sequence, changes: [{ kind: 'add', delta: 1 }] } as const
}

function addAll(driver: Driver, client: string, sequence: number, names: readonly string[]): unknown {
  return driver.execute(client, { op: 'addAll', sequence, changes: names.map((name) => ({ name, delta: 1 })) })
}

describe('a list that is sent again', () => {
  test('is answered from the record and not applied again', () => {
    const driver = new Driver()
    const answer = driver.changes('a', list(1))
    expect(driver.changes('a', list(1))).toEqual(answer)
    expect(driver.read('n')).toBe(1)
    expect(driver.changes('a', list(2))).toMatchObject([{ value: 2 }])
  })

  test('after a later one is refused: whether it was applied is no longer on record', () => {
    const driver = new Driver()
    driver.changes('a', list(5))
    expect(driver.changes('a', list(4))).toMatchObject(unknown)
    expect(driver.read('n')).toBe(1)
  })

  test('is told by client and by name', () => {
    const driver = new Driver()
    driver.changes('a', list(5))
    expect(driver.changes('b', list(4))).toMatchObject([{ value: 2 }])
    expect(driver.changes('a', list(4, 'other'))).toMatchObject([{ value: 1 }])
  })

  test('with number 0 is always news', () => {
    const driver = new Driver()
    driver.changes('a', list(5))
    driver.changes('a', list(0))
    driver.changes('a', list(0))
    expect(driver.read('n')).toBe(3)
  })

  test('of entries is answered from the record too, apart from the counter of the same name', () => {
    const driver = new Driver()
    const set = { op: 'changeEntry', name: 'n', sequence: 3, changes: [{ kind: 'set', value: 'v' }] } as const
    driver.changes('a', list(7))
    const answer = driver.execute('a', set)
    expect(answer).toMatchObject([{ applied: true }])
    expect(driver.execute('a', set)).toEqual(answer)
    expect(driver.execute('a', { ...set, sequence: 2 })).toMatchObject(unknown)
  })

  test('is known for 121 s, and its record is let go', () => {
    const driver = new Driver()
    driver.pass(120_000)
    driver.changes('a', list(1))
    driver.pass(120_999)
    driver.changes('a', list(1))
    expect(driver.read('n')).toBe(1)
    driver.pass(1)
    driver.changes('a', list(1))
    expect(driver.read('n')).toBe(2)
    for (let turns = 0; turns < 2; turns++) {
      driver.pass(121_000)
      driver.tick()
    }
    expect(driver.engine.stats()).toMatchObject({ sequences: 0 })
  })

  test('is known when its client was dropped in between', () => {
    const driver = new Driver()
    driver.changes('a', list(1))
    driver.engine.dropClient('a', driver.time)
    driver.changes('a', list(1))
    expect(driver.read('n')).toBe(1)
  })
})

describe('addAll', () => {
  test('is on record under all its names', () => {
    const driver = new Driver()
    const answer = addAll(driver, 'a', 6, ['x', 'y'])
    expect(addAll(driver, 'a', 6, ['x', 'y'])).toEqual(answer)
    expect(driver.changes('a', list(5, 'y'))).toMatchObject(unknown)
    expect(driver.read('y')).toBe(1)
  })

  test('is refused when one of its names was changed by a later list', () => {
    const driver = new Driver()
    driver.changes('a', list(9, 'y'))
    expect(addAll(driver, 'a', 8, ['x', 'y'])).toMatchObject(unknown)
    expect(driver.read('x')).toBe(0)
  })
})
