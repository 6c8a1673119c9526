import { expect, test } from 'vitest'
import { Driver } from './driver.ts'

test('a monotonic time before that of the last command counts as that one', () => {
  const driver = new Driver()
  driver.acquire('a', { ttl: 1_000 })
  driver.pass(600)
  driver.tick()
  driver.pass(-5_000)
  expect(driver.acquire('b')).toMatchObject({ granted: false, expiresIn: 400 })
})

test('what has expired is reclaimed by the ticks that nextDeadline asks for', () => {
  const driver = new Driver()
  driver.acquire('a', { ttl: 1_000 })
  driver.change('n', { kind: 'add', delta: 1, ttl: 5_000 })
  driver.changeEntry('e', { kind: 'set', value: 'v', ttl: 90_000 })
  driver.changeEntry('e', { kind: 'touch', ttl: 200_000 })
  driver.changeEntry('buried', { kind: 'delete', tombstone: 30_000 })
  driver.change('m', { kind: 'add', delta: 1, operationId: 'o' })
  driver.change('m', { kind: 'delete' })
  expect(driver.engine.stats()).toEqual({
    locks: 1,
    waiters: 0,
    counters: 1,
    entries: 1,
    tombstones: 1,
    fences: 0,
    operations: 1,
    sequences: 0,
  })
  let ticks = 0
  for (let next = driver.engine.nextDeadline(); next !== Infinity; next = driver.engine.nextDeadline()) {
    driver.now = next
    driver.tick()
    ticks++
  }
  expect(Object.values(driver.engine.stats()).every((count) => count === 0)).toBe(true)
  expect(ticks).toBeLessThan(40)
})

test('the same commands at the same times give the same answers', () => {
  expect(answersOfOneRun()).toEqual(answersOfOneRun())
})

function answersOfOneRun(): unknown[] {
  const driver = new Driver()
  const answers = [
    driver.acquire('a'),
    driver.acquire('b', { wait: 1_000 }),
    driver.changeEntry('e', { kind: 'set', value: 'v' }),
    driver.change('n', { kind: 'add', delta: 1, ttl: 10 }),
  ]
  driver.pass(10_000)
  driver.tick()
  return [...answers, driver.offers, driver.acquire('b'), driver.engine.snapshot(driver.time)]
}
