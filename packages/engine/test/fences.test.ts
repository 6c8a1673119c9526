import { describe, expect, test } from 'vitest'
import { day, Driver, firstWall } from './driver.ts'

const token = firstWall + 10_000_000
const fence = { name: 'lock', token }
const newer = { name: 'lock', token: token + 1 }
const stale = { code: 'LOCKSTEP_STALE_TOKEN' }

/** What can be done to a counter and to an entry, fenced. */
const resources = [
  {
    what: 'counter',
    write: (driver: Driver, by = fence) => driver.change('r', { kind: 'add', delta: 1, fence: by }),
    read: (driver: Driver, by = fence) => driver.read('r', by),
    remove: (driver: Driver) => driver.change('r', { kind: 'delete' }),
  },
  {
    what: 'entry',
    write: (driver: Driver, by = fence) => driver.changeEntry('r', { kind: 'set', value: 'v', fence: by }),
    read: (driver: Driver, by = fence) => driver.readEntry('r', by),
    remove: (driver: Driver) => driver.changeEntry('r', { kind: 'delete' }),
  },
]

describe.each(resources)('the fence mark of a $what', ({ write, read, remove }) => {
  test('refuses a lower token after a write, to writes and reads alike, and names lock and tokens', () => {
    const driver = new Driver()
    write(driver, newer)
    expect(write(driver)).toMatchObject(stale)
    const refusal = read(driver)
    expect(refusal).toMatchObject(stale)
    for (const part of ['"lock"', '"r"', `${token}`, `${token + 1}`])
      expect(refusal).toHaveProperty('message', expect.stringContaining(part))
    expect(write(driver, newer)).toMatchObject({ applied: true })
  })

  test('is raised by a read, so that who reads under a lease shuts out the holder before', () => {
    const driver = new Driver()
    write(driver)
    read(driver, newer)
    expect(write(driver)).toMatchObject(stale)
  })

  test('is kept for each lock name', () => {
    const driver = new Driver()
    write(driver, newer)
    expect(write(driver, { name: 'other', token })).toMatchObject({ applied: true })
  })

  test('does not touch writes without a fence', () => {
    const driver = new Driver()
    write(driver, newer)
    expect(remove(driver)).toMatchObject({ applied: true })
  })

  test('outlives value and deletion by a day, and is gone within two', () => {
    const driver = new Driver()
    write(driver, newer)
    // The resource lives on for a while without a fenced access.
    for (let days = 0; days < 5; days++) {
      driver.pass(day * 0.9)
      driver.tick()
    }
    remove(driver)
    driver.pass(day - 1)
    driver.tick()
    expect(write(driver)).toMatchObject(stale)
    expect(driver.engine.stats()).toMatchObject({ fences: 1 })
    driver.pass(day)
    driver.tick()
    expect(driver.engine.stats()).toMatchObject({ fences: 0 })
  })

  test('from before the engine started is unknown: such tokens are refused', () => {
    const driver = new Driver()
    const floor = driver.time.wall
    expect(write(driver, { name: 'lock', token: floor - 1 })).toMatchObject(stale)
    expect(write(driver, { name: 'lock', token: floor })).toMatchObject({ applied: true })
  })
})

test('a counter and an entry of the same name have marks of their own', () => {
  const driver = new Driver()
  driver.read('r', newer)
  expect(driver.readEntry('r', fence)).toBeNull()
})

test('addAll checks the fence for every name before any is changed or marked', () => {
  const driver = new Driver()
  driver.change('b', { kind: 'add', delta: 1, fence: newer })
  const addAll = (names: readonly string[], by: typeof fence) =>
    driver.execute('a', { op: 'addAll', sequence: 0, fence: by, changes: names.map((name) => ({ name, delta: 1 })) })
  expect(addAll(['a', 'b'], fence)).toMatchObject(stale)
  expect(driver.read('a')).toBe(0)
  expect(driver.engine.stats()).toMatchObject({ fences: 1 })
  expect(addAll(['a', 'c'], newer)).toMatchObject({ applied: true })
  expect(driver.read('c', fence)).toMatchObject(stale)
})

test('a fence is judged before the bounds', () => {
  const driver = new Driver()
  driver.read('stock', newer)
  expect(driver.change('stock', { kind: 'add', delta: -1, min: 0, fence })).toMatchObject(stale)
})

test('a lease granted after the wall clock was set back passes the floor of its engine', () => {
  const driver = new Driver()
  const earlier = { ...driver.time, wall: firstWall - 3_600_000_000 }
  const grant = driver.engine.execute('a', { op: 'acquire', name: 'lock', owner: 'o', ttl: 1_000, wait: 0 }, earlier)
  expect(grant).toMatchObject({ granted: true })
  expect(driver.read('n', { name: 'lock', token: (grant as { token: number }).token })).toBe(0)
})
