import { describe, expect, test } from 'vitest'
import { Engine, type SnapshotRecord } from '../src/index.ts'
import { Driver, firstWall } from './driver.ts'

/** As it is read back from a file. */
function snapshotOf(driver: Driver): SnapshotRecord[] {
  return JSON.parse(JSON.stringify(driver.engine.snapshot(driver.time)))
}

/** Something of every kind, all at 5,000 ms. */
function filled(): Driver {
  const driver = new Driver()
  driver.acquire('a', { name: 'held', ttl: 10_000 })
  driver.acquire('b', { name: 'held', wait: 60_000 })
  driver.acquire('a', { name: 'offered' })
  driver.acquire('b', { name: 'offered', wait: 60_000 })
  driver.release('a', { name: 'offered' })
  driver.change('n', { kind: 'add', delta: 5, ttl: 10_000, operationId: 'o' })
  driver.change('endless', { kind: 'set', value: 7 })
  driver.changeEntry('e', { kind: 'set', value: 'v', ttl: 10_000, maxLifetime: 20_000 })
  driver.changeEntry('buried', { kind: 'delete', tombstone: 10_000 })
  driver.read('n', { name: 'lock', token: firstWall + 9_000_000 })
  driver.readEntry('e', { name: 'lock', token: firstWall + 9_000_000 })
  driver.changes('a', { name: 'listed', sequence: 4, changes: [{ kind: 'add', delta: 1 }] })
  return driver
}

describe('a restored engine', () => {
  test('holds all that the original did', () => {
    const driver = filled()
    expect(new Driver({ records: snapshotOf(driver) }).engine.stats()).toEqual(driver.engine.stats())
  })

  test('after a restart of the machine has all lifetimes shortened by the wall time that passed', () => {
    const records = snapshotOf(filled())
    // Started again 3 s later by the wall clock, on a monotonic clock that stands at 100 ms.
    const engine = Engine.restore(records, { started: { now: 100, wall: firstWall + 8_000_000 }, onOffer: () => {} })
    const time = { now: 100, wall: firstWall + 8_000_000 }
    expect(engine.execute('x', { op: 'inspect', name: 'held' }, time)).toMatchObject({ held: true, expiresIn: 7_000 })
    expect(engine.execute('x', { op: 'readEntry', name: 'e' }, time)).toMatchObject({ value: 'v', expiresIn: 7_000 })
    const touch = { op: 'changeEntry', name: 'e', sequence: 0, changes: [{ kind: 'touch', ttl: 99_000 }] } as const
    engine.execute('x', touch, time)
    expect(engine.execute('x', { op: 'readEntry', name: 'e' }, time)).toMatchObject({ expiresIn: 17_000 })
    const set = { op: 'changeEntry', name: 'buried', sequence: 0, changes: [{ kind: 'set', value: 'v' }] } as const
    expect(engine.execute('x', set, { ...time, now: 7_099 })).toMatchObject([{ applied: false }])
    expect(engine.execute('x', set, { ...time, now: 7_100 })).toMatchObject([{ applied: true }])
    expect(engine.execute('x', { op: 'readCounter', name: 'n' }, time)).toBe(0)
    expect(engine.execute('x', { op: 'readCounter', name: 'endless' }, time)).toBe(7)
  })

  test('ends no lease early though the wall clock was set forward in between', () => {
    const records = snapshotOf(filled())
    const started = { now: 6_000, wall: firstWall + 3_600_000_000 }
    const engine = Engine.restore(records, { started, onOffer: () => {} })
    expect(engine.execute('x', { op: 'inspect', name: 'held' }, started)).toMatchObject({
      held: true,
      expiresIn: 9_000,
    })
  })

  test('makes nothing live longer than it had left, though the wall clock was set back', () => {
    const records = snapshotOf(filled())
    const started = { now: 10, wall: firstWall - 3_600_000_000 }
    const engine = Engine.restore(records, { started, onOffer: () => {} })
    expect(engine.execute('x', { op: 'inspect', name: 'held' }, started)).toMatchObject({ expiresIn: 10_000 })
  })

  test('goes on with greater tokens, though the wall clock was set back', () => {
    const original = filled()
    const { token } = original.execute('x', { op: 'inspect', name: 'held' }) as { token: number }
    const started = { now: 10, wall: firstWall - 3_600_000_000 }
    const engine = Engine.restore(snapshotOf(original), { started, onOffer: () => {} })
    const answer = engine.execute('x', { op: 'acquire', name: 'new', owner: 'x', ttl: 1, wait: 0 }, started)
    expect(answer).toHaveProperty('granted', true)
    expect((answer as { token: number }).token).toBeGreaterThan(token)
  })

  test('gives no token that the lost time after the snapshot may have seen, though the wall clock is set back later', () => {
    const records = snapshotOf(filled())
    const started = { now: 10, wall: firstWall + 60_000_000 }
    const engine = Engine.restore(records, { started, onOffer: () => {} })
    const later = { now: 11, wall: firstWall }
    const answer = engine.execute('x', { op: 'acquire', name: 'new', owner: 'x', ttl: 1, wait: 0 }, later)
    expect(answer).toMatchObject({ granted: true, token: started.wall })
  })

  test('does not notice at other times than the original what has expired', () => {
    const original = new Driver()
    original.acquire('gone')
    original.release('gone')
    original.acquire('a', { ttl: 1_000 })
    original.acquire('b', { wait: 60_000 })
    original.acquire('gone', { wait: 60_000 })
    original.execute('gone', { op: 'cancel', name: 'lock', owner: 'gone' })
    const restored = new Driver({ records: snapshotOf(original) })
    for (const driver of [original, restored]) {
      driver.pass(1_500)
      driver.engine.dropClient('gone', driver.time)
      driver.pass(100)
    }
    expect(restored.acquire('c')).toEqual(original.acquire('c'))
    expect(restored.offers).toEqual(original.offers)
  })

  test('knows the sequence records of counters, and answers a repeat from them', () => {
    const original = new Driver()
    const list = { name: 'n', sequence: 4, changes: [{ kind: 'add', delta: 1 }] } as const
    const all = {
      op: 'addAll',
      sequence: 6,
      changes: [
        { name: 'x', delta: 1 },
        { name: 'y', delta: 2 },
      ],
    } as const
    const answers = [original.changes('a', list), original.execute('a', all)]
    const restored = new Driver({ now: 6_000, records: snapshotOf(original) })
    expect([restored.changes('a', list), restored.execute('a', all)]).toEqual(answers)
    expect(['n', 'x', 'y'].map((name) => restored.read(name))).toEqual([1, 1, 2])
    expect(restored.changes('a', { ...list, sequence: 3 })).toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
    // As long as they had left, and no longer.
    restored.now = 5_000 + 120_999
    expect(restored.changes('a', list)).toEqual(answers[0])
    restored.now = 5_000 + 121_000
    restored.changes('a', list)
    expect(restored.read('n')).toBe(2)
  })

  test('knows marks, operations and sequences', () => {
    const driver = new Driver({ now: 6_000, records: snapshotOf(filled()) })
    const stale = { name: 'lock', token: firstWall + 8_000_000 }
    expect(driver.read('n', stale)).toMatchObject({ code: 'LOCKSTEP_STALE_TOKEN' })
    expect(driver.readEntry('e', stale)).toMatchObject({ code: 'LOCKSTEP_STALE_TOKEN' })
    driver.change('n', { kind: 'add', delta: 5, operationId: 'o' })
    driver.changes('a', { name: 'listed', sequence: 4, changes: [{ kind: 'add', delta: 1 }] })
    expect(driver.read('n')).toBe(5)
    expect(driver.read('listed')).toBe(1)
  })

  test('refuses the fences that the original refused, and not those from between the two starts', () => {
    const driver = new Driver({ now: 60_000, records: snapshotOf(filled()) })
    const originalStart = firstWall + 5_000_000
    expect(driver.read('x', { name: 'lock', token: originalStart - 1 })).toMatchObject({ code: 'LOCKSTEP_STALE_TOKEN' })
    expect(driver.read('x', { name: 'lock', token: originalStart })).toBe(0)
  })

  test('keeps an open offer open without calling it out again', () => {
    const driver = new Driver({ records: snapshotOf(filled()) })
    expect(driver.acquire('x', { name: 'offered' })).toMatchObject({ granted: false, expiresIn: 2_000 })
    expect(driver.acquire('b', { name: 'offered' })).toMatchObject({ granted: true })
    expect(driver.offers).toEqual([])
  })
})

test('a snapshot does not change while it is written out and commands go on', () => {
  const driver = filled()
  const records = driver.engine.snapshot(driver.time)
  const before = JSON.stringify(records)
  driver.release('a', { name: 'held' })
  driver.change('n', { kind: 'add', delta: 1 })
  driver.changeEntry('e', { kind: 'delete' })
  driver.read('n', { name: 'lock', token: firstWall + 99_000_000 })
  driver.changes('a', { name: 'listed', sequence: 5, changes: [{ kind: 'add', delta: 1 }] })
  expect(JSON.stringify(records)).toBe(before)
})

test.each([
  ['nothing', [], 'is empty'],
  ['records without a header', filled().engine.snapshot({ now: 0, wall: 0 }).slice(1), 'does not begin with a header'],
  [
    'another format',
    [{ kind: 'header', format: 99, time: { now: 0, wall: 0 }, lastToken: 0, fenceFloor: 0 }],
    'format 99',
  ],
] as [string, SnapshotRecord[], string][])('%s cannot be restored', (_what, records, message) => {
  expect(() => new Driver({ records })).toThrow(message)
})
