import { describe, expect, test } from 'vitest'
import { Driver } from './driver.ts'

describe('a grant', () => {
  test('is for one owner at a time, for the lifetime of its lease', () => {
    const driver = new Driver()
    expect(driver.acquire('a', { ttl: 1_000 })).toMatchObject({ granted: true, expiresIn: 1_000 })
    driver.pass(999)
    expect(driver.acquire('b')).toEqual({ granted: false, expiresIn: 1, place: 0 })
    driver.pass(1)
    expect(driver.acquire('b')).toMatchObject({ granted: true })
  })

  test('has a token of at least the wall clock, and greater than the last even when the wall clock is set back', () => {
    const driver = new Driver()
    const { engine } = driver
    const command = { op: 'acquire', name: 'lock', owner: 'o', ttl: 1_000, wait: 0 } as const
    const { wall: start } = driver.time
    const walls = [start, start - 60_000_000, start + 5, start + 5]
    const tokens = walls.map((wall, turn) => {
      const answer = engine.execute('a', command, { now: 5_000 + turn * 1_000, wall })
      return 'granted' in answer && answer.granted ? answer.token : 0
    })
    expect(tokens).toEqual([start, start + 1, start + 5, start + 6])
  })

  test('keeps the tokens that it reserves from everybody else', () => {
    const driver = new Driver()
    const command = { op: 'acquire', name: 'lock', owner: 'o', ttl: 1_000, wait: 0, reserve: 8 } as const
    expect(driver.execute('a', command)).toMatchObject({ token: driver.time.wall })
    expect(driver.acquire('b', { name: 'another' })).toMatchObject({ token: driver.time.wall + 9 })
  })

  test('is given again to the owner who asks again after a lost reply, with what is left of it', () => {
    const driver = new Driver()
    const grant = driver.acquire('a', { ttl: 1_000 })
    driver.pass(400)
    expect(driver.acquire('a', { ttl: 9_000 })).toEqual({ ...grant, expiresIn: 600 })
  })

  test('is not given to the same owner id of another client', () => {
    const driver = new Driver()
    driver.acquire('a', { owner: 'o' })
    expect(driver.acquire('b', { owner: 'o' })).toMatchObject({ granted: false })
    expect(driver.release('b', { owner: 'o' })).toBe(false)
    expect(driver.execute('b', { op: 'cancel', name: 'lock', owner: 'o' })).toBe(false)
  })

  test('counts in whole milliseconds', () => {
    const driver = new Driver({ now: 5_000.7 })
    expect(driver.acquire('a', { ttl: 1_000 })).toMatchObject({ expiresIn: 1_000 })
  })
})

describe('release, cancel and extend', () => {
  test('a lease is released once', () => {
    const driver = new Driver()
    driver.acquire('a')
    expect(driver.release('a')).toBe(true)
    expect(driver.release('a')).toBe(false)
    expect(driver.engine.stats()).toMatchObject({ locks: 0 })
  })

  test('an expired lease can neither free, extend nor hold up its successor', () => {
    const driver = new Driver()
    driver.acquire('a', { ttl: 1_000 })
    driver.pass(1_000)
    driver.acquire('b')
    expect(driver.release('a')).toBe(false)
    expect(driver.execute('a', { op: 'extend', leases: [{ name: 'lock', owner: 'a', ttl: 60_000 }] })).toEqual([false])
    expect(driver.acquire('b')).toMatchObject({ granted: true, expiresIn: 10_000 })
  })

  test('extend prolongs, never shortens, and answers for each lease', () => {
    const driver = new Driver()
    driver.acquire('a', { name: 'long', ttl: 10_000 })
    driver.acquire('a', { name: 'short', ttl: 1_000 })
    const leases = ['long', 'short', 'none'].map((name) => ({ name, owner: 'a', ttl: 5_000 }))
    expect(driver.execute('a', { op: 'extend', leases })).toEqual([true, true, false])
    expect(driver.acquire('a', { name: 'long' })).toMatchObject({ expiresIn: 10_000 })
    expect(driver.acquire('a', { name: 'short' })).toMatchObject({ expiresIn: 5_000 })
    driver.pass(4_000)
    driver.tick()
    expect(driver.execute('a', { op: 'inspect', name: 'short' })).toMatchObject({ held: true, expiresIn: 1_000 })
  })

  test('cancel frees a grant that nobody will use', () => {
    const driver = new Driver()
    driver.acquire('a')
    driver.acquire('b', { wait: 1_000 })
    expect(driver.execute('a', { op: 'cancel', name: 'lock', owner: 'a' })).toBe(true)
    expect(driver.offers).toEqual(['b'])
  })

  test('cancel withdraws a waiter, and passes on the offer that it had', () => {
    const driver = new Driver()
    driver.acquire('a')
    for (const client of ['b', 'c', 'd']) driver.acquire(client, { wait: 10_000 })
    expect(driver.execute('c', { op: 'cancel', name: 'lock', owner: 'c' })).toBe(true)
    driver.release('a')
    expect(driver.execute('b', { op: 'cancel', name: 'lock', owner: 'b' })).toBe(true)
    expect(driver.offers).toEqual(['b', 'd'])
    expect(driver.acquire('d')).toMatchObject({ granted: true })
  })
})

describe('the queue', () => {
  test('is served in order of arrival, each by asking when offered', () => {
    const driver = new Driver()
    driver.acquire('a')
    expect(driver.acquire('b', { wait: 60_000 })).toEqual({ granted: false, expiresIn: 10_000, place: 1 })
    expect(driver.acquire('c', { wait: 60_000 })).toMatchObject({ place: 2 })
    expect(driver.acquire('d', { wait: 60_000 })).toMatchObject({ place: 3 })
    for (const [client, next] of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
    ] as const) {
      driver.release(client)
      expect(driver.offers.at(-1)).toBe(next)
      expect(driver.acquire(next)).toMatchObject({ granted: true })
    }
    expect(driver.offers).toEqual(['b', 'c', 'd'])
  })

  test('keeps the place of who asks again, and renews its wait', () => {
    const driver = new Driver()
    driver.acquire('a', { ttl: 5_000 })
    driver.acquire('b', { wait: 3_000 })
    driver.acquire('c', { wait: 60_000 })
    driver.pass(2_000)
    expect(driver.acquire('b', { wait: 60_000 })).toEqual({ granted: false, expiresIn: 3_000, place: 1 })
    expect(driver.acquire('c', { wait: 60_000 })).toMatchObject({ place: 2 })
    driver.pass(3_000)
    driver.tick()
    driver.pass(16)
    driver.tick()
    expect(driver.offers).toEqual(['b'])
  })

  test('lets go who is past its wait', () => {
    const driver = new Driver()
    driver.acquire('a')
    driver.acquire('b', { wait: 100 })
    driver.acquire('c', { wait: 60_000 })
    driver.pass(100)
    expect(driver.execute('a', { op: 'inspect', name: 'lock' })).toMatchObject({ waiters: 1 })
    expect(driver.acquire('c', { wait: 60_000 })).toMatchObject({ place: 1 })
  })

  test('is not joined by who asks once, and left by who asks a last time', () => {
    const driver = new Driver()
    driver.acquire('a')
    driver.acquire('b', { wait: 60_000 })
    expect(driver.acquire('c', { wait: 0 })).toMatchObject({ place: 0 })
    expect(driver.acquire('b', { wait: 0 })).toMatchObject({ place: 0 })
    expect(driver.engine.stats()).toMatchObject({ locks: 1, waiters: 0 })
  })

  test('holds owners apart, whatever their ids are made of', () => {
    const driver = new Driver()
    driver.acquire('holder', { name: '__proto__' })
    expect(driver.acquire('a', { name: '__proto__', owner: '1:ab', wait: 1_000 })).toMatchObject({ place: 1 })
    expect(driver.acquire('a1', { name: '__proto__', owner: ':ab', wait: 1_000 })).toMatchObject({ place: 2 })
  })
})

describe('an offer', () => {
  test('keeps the lock for the head of the queue alone, and nobody holds it yet', () => {
    const driver = offered()
    expect(driver.acquire('x')).toEqual({ granted: false, expiresIn: 2_000, place: 0 })
    expect(driver.acquire('c', { wait: 60_000 })).toEqual({ granted: false, expiresIn: 2_000, place: 2 })
    const inspection = driver.execute('x', { op: 'inspect', name: 'lock' })
    expect(inspection).toEqual({ held: false, token: 0, expiresIn: 0, waiters: 2 })
    expect(driver.acquire('b')).toMatchObject({ granted: true })
  })

  test.each([
    [10_000, 2_000],
    [300, 300],
  ])('to a waiter with a ttl of %i ms lasts %i ms', (ttl, lasts) => {
    const driver = offered({ ttl })
    driver.pass(lasts - 1)
    driver.tick()
    expect(driver.offers).toEqual(['b'])
    driver.pass(17)
    driver.tick()
    expect(driver.offers).toEqual(['b', 'c'])
  })

  test('that lapses costs the queue one window, however many waiters that client has', () => {
    const driver = new Driver()
    driver.acquire('a')
    for (const owner of ['1', '2', '3']) driver.acquire('dead', { owner, wait: 60_000 })
    driver.acquire('b', { wait: 60_000 })
    driver.release('a')
    driver.pass(2_000)
    expect(driver.acquire('b', { wait: 60_000 })).toMatchObject({ granted: true })
    expect(driver.offers).toEqual(['1', 'b'])
  })

  test('that lapsed lets its client join the queue again', () => {
    const driver = offered()
    driver.pass(2_000)
    expect(driver.acquire('b', { wait: 60_000 })).toEqual({ granted: false, expiresIn: 2_000, place: 2 })
    expect(driver.offers).toEqual(['b', 'c'])
  })

  test.each([
    ['a try', (driver: Driver) => driver.acquire('x')],
    ['a late release', (driver: Driver) => driver.release('a')],
    [
      'a late extension',
      (driver: Driver) => driver.execute('a', { op: 'extend', leases: [{ name: 'lock', owner: 'a', ttl: 1 }] }),
    ],
  ])('is made when %s finds the lease expired: no message and no tick is needed', (_what, command) => {
    const driver = new Driver()
    driver.acquire('a', { ttl: 1_000 })
    driver.acquire('b', { wait: 60_000 })
    driver.pass(1_000)
    command(driver)
    expect(driver.offers).toEqual(['b'])
  })

  test('is not made by an inspection, which only says that the lock is free', () => {
    const driver = new Driver()
    driver.acquire('a', { ttl: 1_000 })
    driver.acquire('b', { wait: 60_000 })
    driver.pass(1_000)
    expect(driver.execute('x', { op: 'inspect', name: 'lock' })).toMatchObject({ held: false, waiters: 1 })
    expect(driver.offers).toEqual([])
  })

  test('is not made by the end of a client that merely had to do with the lock once: a snapshot does not know of it', () => {
    const driver = new Driver()
    driver.acquire('a', { ttl: 1_000 })
    driver.acquire('b', { wait: 60_000 })
    driver.acquire('c', { wait: 60_000 })
    driver.execute('c', { op: 'cancel', name: 'lock', owner: 'c' })
    driver.pass(1_000)
    driver.engine.dropClient('c', driver.time)
    expect(driver.offers).toEqual([])
  })

  test('is made by the tick that nextDeadline asked for', () => {
    const driver = new Driver()
    driver.acquire('a', { ttl: 1_000 })
    driver.acquire('b', { wait: 60_000 })
    while (driver.offers.length === 0) {
      expect(driver.engine.nextDeadline()).toBeLessThan(5_000 + 1_016)
      driver.now = driver.engine.nextDeadline()
      driver.tick()
    }
    expect(driver.now).toBeGreaterThanOrEqual(5_000 + 1_000)
  })
})

describe('a dropped client', () => {
  test('frees its leases at once, and its waiters leave every queue', () => {
    const driver = new Driver()
    for (const name of ['one', 'two']) driver.acquire('dead', { name })
    driver.acquire('b', { name: 'one', wait: 60_000 })
    driver.acquire('a', { name: 'three' })
    driver.acquire('dead', { name: 'three', wait: 60_000 })
    driver.engine.dropClient('dead', driver.time)
    expect(driver.offers).toEqual(['b'])
    expect(driver.acquire('x', { name: 'two' })).toMatchObject({ granted: true })
    expect(driver.engine.stats()).toMatchObject({ locks: 3, waiters: 1 })
  })

  test('passes on the offer that it had', () => {
    const driver = new Driver()
    driver.acquire('a')
    for (const client of ['dead', 'b']) driver.acquire(client, { wait: 60_000 })
    driver.release('a')
    driver.engine.dropClient('dead', driver.time)
    expect(driver.offers).toEqual(['dead', 'b'])
  })

  test('whose stream was cut keeps its leases until their ttl, but no waiter', () => {
    const driver = new Driver()
    driver.acquire('cut', { name: 'kept', ttl: 1_000 })
    driver.acquire('a', { name: 'other' })
    driver.acquire('cut', { name: 'other', wait: 60_000 })
    driver.engine.dropClient('cut', driver.time, { keepLeases: true })
    expect(driver.acquire('b', { name: 'kept' })).toEqual({ granted: false, expiresIn: 1_000, place: 0 })
    expect(driver.engine.stats()).toMatchObject({ waiters: 0 })
    driver.engine.dropClient('cut', driver.time)
    expect(driver.acquire('b', { name: 'kept' })).toMatchObject({ granted: true })
  })

  test('that nobody knows is no trouble', () => {
    const driver = new Driver()
    driver.engine.dropClient('nobody', driver.time)
    expect(driver.engine.nextDeadline()).toBe(Infinity)
  })
})

/** The lock was released, and `b`, before `c`, has just been offered it. */
function offered({ ttl = 10_000 } = {}): Driver {
  const driver = new Driver()
  driver.acquire('a')
  for (const client of ['b', 'c']) driver.acquire(client, { ttl, wait: 60_000 })
  driver.release('a')
  return driver
}
