import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { ClosedError, LeaseLostError, Locks } from '@lockstep/state'
import { stopClock, taken, waiters } from './cohort.ts'
import { ScriptedLockStore } from './fake-locks.ts'

/** Longer than a grant is handed on. */
const sliceIsOver = 15

afterEach(() => void vi.useRealTimers())

test('a released lock goes to the next caller of the process without a request, with the next of the reserved tokens', async () => {
  stopClock()
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const first = await locks.acquire('a')
  const [second, third] = waiters(locks, 2)
  expect(await first.release()).toBe(true)
  expect(first.held).toBe(false)
  const next = await second
  expect([first.token, next?.token, next?.held]).toEqual([1, 2, true])
  expect(await next?.release()).toBe(true)
  expect((await third)?.token).toBe(3)
  expect(store.asked).toMatchObject([{ reserve: 8 }])
  expect(store.released).toEqual([])
})

test('after as many hand-overs as the store allows the next caller asks, and the lock is released', async () => {
  stopClock()
  const store = new ScriptedLockStore(2)
  const locks = new Locks(store)
  const [first, second, third, fourth] = waiters(locks, 4)
  await (await first)?.release()
  const owner = store.asked[0]?.owner
  store.onAcquire = taken
  await (await second)?.release()
  const last = await third
  await turn()
  expect(store.asked).toHaveLength(2) // the fourth queues while the last one still holds
  expect(store.released).toEqual([])
  store.onAcquire = async ({ ttl }) => ({ granted: true, token: 100, expiresIn: ttl })
  await last?.release()
  expect((await fourth)?.token).toBe(100)
  expect(store.released).toEqual([{ name: 'a', owner }])
  expect(store.asked[1]?.owner).not.toBe(owner)
})

test('the refusal of an extension that was asked for under the former lease loses the one that followed', async () => {
  stopClock()
  const store = new ScriptedLockStore(8)
  const answers = Promise.withResolvers<void>()
  store.onExtend = async (requests) => {
    await answers.promise
    return requests.map(() => false)
  }
  const locks = new Locks(store)
  const former = await locks.acquire('a')
  const waiter = locks.acquire('a')
  const extended = former.extend(20_000)
  await former.release()
  const lease = await waiter
  answers.resolve()
  await expect(extended).rejects.toBeInstanceOf(LeaseLostError)
  expect(lease.held).toBe(false)
  expect(lease.signal.reason).toBeInstanceOf(LeaseLostError)
  expect(await lease.release()).toBe(false)
})

test('an extension that was asked for under the former lease lengthens the one that followed', async () => {
  stopClock()
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const former = await locks.acquire('a')
  const waiter = locks.acquire('a')
  const extended = former.extend(60_000)
  await former.release()
  await expect(extended).rejects.toBeInstanceOf(LeaseLostError)
  expect((await waiter).remaining).toBeGreaterThan(50_000)
})

test('a lease that followed another is extended by its own ttl, under the same owner', async () => {
  stopClock()
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const former = await locks.acquire('a', { ttl: 290, autoExtend: false })
  const waiter = locks.acquire('a', { ttl: 300 })
  await former.release()
  const lease = await waiter
  await vi.waitFor(() => expect(store.extended.length).toBeGreaterThanOrEqual(4))
  expect(lease.held).toBe(true)
  expect(store.extended.flat().every(({ owner, ttl }) => owner === store.asked[0]?.owner && ttl === 300)).toBe(true)
  await lease.release()
})

test.each([
  ['shorter than asked for', { ttl: 1_000 }, { ttl: 10_000 }],
  ['longer than asked for', { ttl: 10_000 }, { ttl: 1_000 }],
  ['too short for one that is not extended', { ttl: 8_000 }, { ttl: 10_000, autoExtend: false }],
])('a lease is not handed on when what is left of it is %s', async (_, options, others) => {
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const first = await locks.acquire('a', options)
  const waiter = locks.acquire('a', others)
  await first.release()
  const lease = await waiter
  expect(lease.remaining).toBeGreaterThan(others.ttl * 0.9)
  expect(store.released).toHaveLength(1)
  expect(store.asked).toHaveLength(2)
  expect(store.asked[1]?.owner).not.toBe(store.asked[0]?.owner)
})

test('a lease is not handed on when its slice of time is over', async () => {
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const first = await locks.acquire('a')
  await pause(sliceIsOver)
  store.onAcquire = taken
  const waiter = locks.acquire('a')
  await vi.waitFor(() => expect(store.asked).toHaveLength(2))
  store.onAcquire = async ({ ttl }) => ({ granted: true, token: 100, expiresIn: ttl })
  await first.release()
  expect((await waiter).token).toBe(100)
  expect(store.released).toHaveLength(1)
})

test('who aborts at the moment it is given the lock gives it to the next', async () => {
  stopClock()
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const first = await locks.acquire('a')
  const abort = new AbortController()
  const second = locks.acquire('a', { signal: abort.signal })
  const third = locks.acquire('a')
  void first.release()
  abort.abort(new Error('gave up'))
  await expect(second).rejects.toThrow('gave up')
  expect((await third).token).toBe(3)
  expect(store.released).toEqual([])
})

test('nothing is handed on while closing: who waits is refused, what is held is released', async () => {
  stopClock()
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const holder = await locks.acquire('a')
  const refused = waiters(locks, 3).map((waiter) => expect(waiter).rejects.toBeInstanceOf(ClosedError))
  const drained = locks.drain(5_000)
  const released = holder.release()
  expect(store.released).toHaveLength(1) // at once, though the others are still in line
  await Promise.all([released, drained, ...refused])
  expect(store.asked).toHaveLength(1)
})

test('a chain of hand-overs that nobody waits for in between is no recursion', async () => {
  stopClock()
  const store = new ScriptedLockStore(20_000)
  const locks = new Locks(store)
  let served = 0
  await Promise.all(Array.from({ length: 20_000 }, () => locks.using('a', () => void (served += 1))))
  expect(served).toBe(20_000)
  expect(store.asked).toHaveLength(1)
})
