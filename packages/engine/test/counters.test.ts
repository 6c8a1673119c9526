import { describe, expect, test } from 'vitest'
import { Driver } from './driver.ts'

const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number

describe('add', () => {
  test('counts an absent counter as 0 and creates it', () => {
    const driver = new Driver()
    expect(driver.read('hits')).toBe(0)
    expect(driver.change('hits', { kind: 'add', delta: 5 })).toEqual({ applied: true, value: 5, expiresIn: null })
    expect(driver.read('hits')).toBe(5)
  })

  test('is applied whole or not at all, and answers with the value as it stands', () => {
    const driver = new Driver()
    driver.change('stock', { kind: 'add', delta: 3 })
    const take = { kind: 'add', delta: -2, min: 0 } as const
    expect(driver.change('stock', take)).toMatchObject({ applied: true, value: 1 })
    expect(driver.change('stock', take)).toMatchObject({ applied: false, value: 1 })
    expect(driver.change('stock', { kind: 'add', delta: 2, max: 3 })).toMatchObject({ applied: true, value: 3 })
    expect(driver.change('stock', { kind: 'add', delta: 1, max: 3 })).toMatchObject({ applied: false, value: 3 })
  })

  test('that is refused creates nothing', () => {
    const driver = new Driver()
    const refused = { applied: false, value: 0, expiresIn: null }
    expect(driver.change('stock', { kind: 'add', delta: -1, min: 0, ttl: 1_000 })).toEqual(refused)
    expect(driver.engine.stats()).toMatchObject({ counters: 0 })
  })

  test.each([
    [MAX_SAFE_INTEGER, 1],
    [MIN_SAFE_INTEGER, -1],
    [MAX_SAFE_INTEGER, MAX_SAFE_INTEGER],
  ])('to %i of %i is out of range, and the value unchanged', (value, delta) => {
    const driver = new Driver()
    driver.change('n', { kind: 'set', value })
    expect(driver.change('n', { kind: 'add', delta })).toMatchObject({ code: 'LOCKSTEP_OUT_OF_RANGE' })
    expect(driver.read('n')).toBe(value)
  })

  test('that leaves the range and crosses a bound as well is out of range', () => {
    const driver = new Driver()
    driver.change('n', { kind: 'set', value: MAX_SAFE_INTEGER })
    expect(driver.change('n', { kind: 'add', delta: 1, max: 9 })).toMatchObject({ code: 'LOCKSTEP_OUT_OF_RANGE' })
  })

  test('a lifetime starts when the counter comes into being, and no later add moves it', () => {
    const driver = new Driver()
    driver.change('window', { kind: 'add', delta: 1, ttl: 1_000 })
    driver.pass(600)
    expect(driver.change('window', { kind: 'add', delta: 1, ttl: 9_000 })).toEqual({
      applied: true,
      value: 2,
      expiresIn: 400,
    })
    driver.pass(399)
    expect(driver.read('window')).toBe(2)
    driver.pass(1)
    expect(driver.read('window')).toBe(0)
    expect(driver.change('window', { kind: 'add', delta: 1 })).toMatchObject({ value: 1, expiresIn: null })
  })
})

describe('set, compareAndSet, delete', () => {
  test('set replaces value and lifetime', () => {
    const driver = new Driver()
    driver.change('n', { kind: 'add', delta: 1, ttl: 1_000 })
    expect(driver.change('n', { kind: 'set', value: 7 })).toEqual({ applied: true, value: 7, expiresIn: null })
    driver.pass(1_000)
    driver.tick()
    expect(driver.change('n', { kind: 'set', value: 8, ttl: 500 })).toMatchObject({ expiresIn: 500 })
    driver.pass(500)
    expect(driver.read('n')).toBe(0)
  })

  test('compareAndSet keeps the lifetime, and counts an absent counter as 0', () => {
    const driver = new Driver()
    expect(driver.change('n', { kind: 'compareAndSet', expected: 1, value: 5 })).toMatchObject({
      applied: false,
      value: 0,
    })
    expect(driver.change('n', { kind: 'compareAndSet', expected: 0, value: 5 })).toEqual({
      applied: true,
      value: 5,
      expiresIn: null,
    })
    driver.change('n', { kind: 'set', value: 5, ttl: 1_000 })
    driver.pass(300)
    expect(driver.change('n', { kind: 'compareAndSet', expected: 5, value: 6 })).toEqual({
      applied: true,
      value: 6,
      expiresIn: 700,
    })
    expect(driver.change('n', { kind: 'compareAndSet', expected: 5, value: 7 })).toEqual({
      applied: false,
      value: 6,
      expiresIn: 700,
    })
  })

  test('delete says whether there was anything', () => {
    const driver = new Driver()
    driver.change('n', { kind: 'set', value: 0 })
    expect(driver.engine.stats()).toMatchObject({ counters: 1 })
    expect(driver.change('n', { kind: 'delete' })).toEqual({ applied: true, value: 0, expiresIn: null })
    expect(driver.change('n', { kind: 'delete' })).toEqual({ applied: false, value: 0, expiresIn: null })
  })

  test('0 has no sign', () => {
    const driver = new Driver()
    expect(driver.change('n', { kind: 'set', value: -0 })).toMatchObject({ value: 0 })
    expect(driver.change('n', { kind: 'compareAndSet', expected: 0, value: -0 })).toMatchObject({ value: 0 })
  })
})

test('changes of one list are judged in order, each with its own answer', () => {
  const driver = new Driver()
  const answer = driver.changes('a', {
    name: 'stock',
    sequence: 1,
    changes: [
      { kind: 'add', delta: 2, ttl: 1_000 },
      { kind: 'add', delta: -3, min: 0 },
      { kind: 'add', delta: MAX_SAFE_INTEGER },
      { kind: 'add', delta: -2, min: 0 },
    ],
  })
  expect(answer).toMatchObject([
    { applied: true, value: 2 },
    { applied: false, value: 2 },
    { code: 'LOCKSTEP_OUT_OF_RANGE' },
    { applied: true, value: 0, expiresIn: 1_000 },
  ])
})

describe('addAll', () => {
  test('changes all or nothing, and answers in the order of the request', () => {
    const driver = new Driver()
    driver.change('a', { kind: 'set', value: 5 })
    driver.change('b', { kind: 'set', value: 1 })
    const request = (names: readonly string[]) =>
      driver.execute('a', {
        op: 'addAll',
        sequence: 0,
        changes: names.map((name) => ({ name, delta: -1, min: 0 })),
      })
    expect(request(['b', 'a'])).toEqual({ applied: true, values: [0, 4] })
    expect(request(['a', 'b'])).toEqual({ applied: false, values: [4, 0] })
    expect(request(['a', 'absent'])).toEqual({ applied: false, values: [4, 0] })
    expect(driver.read('a')).toBe(4)
  })

  test('that would leave the range of one name changes none', () => {
    const driver = new Driver()
    driver.change('full', { kind: 'set', value: MAX_SAFE_INTEGER })
    const changes = ['a', 'full'].map((name) => ({ name, delta: 1 }))
    const answer = driver.execute('a', { op: 'addAll', sequence: 0, changes })
    expect(answer).toMatchObject({ code: 'LOCKSTEP_OUT_OF_RANGE' })
    expect(driver.read('a')).toBe(0)
  })
})

test('names are just names', () => {
  const driver = new Driver()
  for (const name of ['__proto__', 'constructor', 'toString', 'Name', 'name', 'name ']) {
    expect(driver.change(name, { kind: 'add', delta: 1 })).toMatchObject({ value: 1 })
  }
})
