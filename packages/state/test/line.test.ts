import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { afterEach, expect, test, vi } from 'vitest'
import { ClosedError, LeaseLostError, LockTimeoutError, Locks, monotonic, UnavailableError } from '@lockstep/state'
import { Lane } from '../src/lane.ts'
import { stopClock, taken, waiters } from './cohort.ts'
import { away, never, ScriptedLockStore } from './fake-locks.ts'

afterEach(() => void vi.useRealTimers())

test('while somebody holds the lock for long the first in line alone queues in the store', async () => {
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const holder = await locks.acquire('a')
  store.onAcquire = taken
  const line = waiters(locks, 3)
  await vi.waitFor(() => expect(store.asked).toHaveLength(2))
  expect(store.asked[1]?.wait).toBeGreaterThan(10_000) // its place outlives its own wait: the next one may need it
  store.onAcquire = async ({ ttl }) => ({ granted: true, token: 50, expiresIn: ttl })
  await holder.release()
  expect((await line[0])?.token).toBe(50)
  expect(store.asked).toHaveLength(3)
  for (const waiter of line) await (await waiter).release()
})

test('tryAcquire asks the store only when nobody of the process holds the lock or comes first', async () => {
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const [lease, second] = await Promise.all([locks.tryAcquire('a'), locks.tryAcquire('a')])
  expect(second).toBeNull()
  expect(await locks.tryAcquire('a')).toBeNull()
  await expect(locks.acquire('a', { wait: 0 })).rejects.toBeInstanceOf(LockTimeoutError)
  expect(store.asked).toMatchObject([{ wait: 0, reserve: 8 }])
  await lease?.release()
  expect(await locks.tryAcquire('a', { ttl: 20, autoExtend: false })).not.toBeNull()
  await pause(40) // the lease is over
  expect(await locks.tryAcquire('a')).not.toBeNull()
  expect(store.asked).toHaveLength(3)
})

test('who joins behind a tryAcquire that is refused asks next', async () => {
  const store = new ScriptedLockStore(8)
  const grant = store.onAcquire
  store.onAcquire = async () => {
    store.onAcquire = grant
    return { granted: false, expiresIn: 10_000, place: 0 }
  }
  const locks = new Locks(store)
  const tried = locks.tryAcquire('a')
  const waiter = locks.acquire('a')
  expect(await tried).toBeNull()
  expect((await waiter).held).toBe(true)
  expect(store.asked).toHaveLength(2)
})

test('a caller that gives up leaves its place in the store to the next of its process, the last withdraws it', async () => {
  const store = new ScriptedLockStore(8)
  store.onAcquire = taken
  const locks = new Locks(store)
  const abort = new AbortController()
  const first = locks.acquire('a', { signal: abort.signal })
  const second = locks.acquire('a', { wait: 200 })
  const third = locks.acquire('a', { wait: 300 })
  await vi.waitFor(() => expect(store.asked).toHaveLength(1))
  abort.abort(new Error('gave up'))
  await expect(first).rejects.toThrow('gave up')
  await turn()
  expect(store.asked).toHaveLength(2) // the second, at once
  await expect(second).rejects.toBeInstanceOf(LockTimeoutError)
  expect(store.cancelled).toEqual([])
  await expect(third).rejects.toBeInstanceOf(LockTimeoutError)
  const owners = new Set(store.asked.map(({ owner }) => owner))
  expect(store.cancelled.map(({ owner }) => owner)).toEqual([...owners])
})

test('a place that may have been taken after a refusal is withdrawn', async () => {
  const store = new ScriptedLockStore(8)
  store.onAcquire = async () => {
    store.onAcquire = never
    return { granted: false, expiresIn: 10_000, place: 0 }
  }
  const locks = new Locks(store)
  const tried = locks.tryAcquire('a')
  const abort = new AbortController()
  const waiter = locks.acquire('a', { signal: abort.signal })
  expect(await tried).toBeNull()
  await vi.waitFor(() => expect(store.asked).toHaveLength(2))
  abort.abort(new Error('gave up'))
  await expect(waiter).rejects.toThrow('gave up')
  expect(store.cancelled).toEqual([{ name: 'a', owner: store.asked[1]?.owner }])
})

test('a grant whose caller is gone is given to the next, and lasts as long as that one asked', async () => {
  const store = new ScriptedLockStore(8)
  const answers = Promise.withResolvers<void>()
  store.onAcquire = async () => {
    await answers.promise
    return { granted: true, token: 7, expiresIn: 50 } // what is left of the grant to the first
  }
  const locks = new Locks(store)
  const abort = new AbortController()
  const first = locks.acquire('a', { ttl: 60, signal: abort.signal })
  const second = locks.acquire('a', { ttl: 10_000 })
  abort.abort(new Error('gave up'))
  await expect(first).rejects.toThrow('gave up')
  await turn()
  expect(store.asked).toHaveLength(2)
  answers.resolve()
  const lease = await second
  expect(lease.token).toBe(7)
  expect(lease.remaining).toBeGreaterThan(9_000)
  expect(store.extended).toEqual([[{ name: 'a', owner: store.asked[0]?.owner, ttl: 10_000 }]])
  expect(new Set(store.asked.map(({ owner }) => owner)).size).toBe(1)
  expect(store.cancelled).toEqual([])
})

test('each caller settles by its own wait and timeout when the store says nothing', async () => {
  const store = new ScriptedLockStore(8)
  store.onAcquire = never
  const locks = new Locks(store)
  const [first, second] = [
    locks.acquire('a', { wait: 300, timeout: 300 }),
    locks.acquire('a', { wait: 10, timeout: 50 }),
  ]
  await expect(second).rejects.toBeInstanceOf(UnavailableError)
  const early = locks.tryAcquire('a')
  expect(await early).toBeNull() // the first is still asking
  await expect(first).rejects.toBeInstanceOf(UnavailableError)
})

test('a caller whose wait is over hears what the store says to the one who asks', async () => {
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  for (const [answer, error] of [
    [taken, LockTimeoutError],
    [away, UnavailableError],
  ] as const) {
    const answers = Promise.withResolvers<void>()
    store.onAcquire = () => answers.promise.then(answer)
    const abort = new AbortController()
    const first = locks.acquire('a', { signal: abort.signal })
    const second = locks.acquire('a', { wait: 5 })
    const refused = second.catch((reason: unknown) => reason)
    await pause(20) // its wait is over
    const saidAt = monotonic()
    answers.resolve()
    expect(await refused).toBeInstanceOf(error)
    expect(monotonic() - saidAt).toBeLessThan(1_000)
    abort.abort(new Error('gave up'))
    await expect(first).rejects.toThrow('gave up')
  }
})

test('when a lease is lost the first in line asks the store', async () => {
  stopClock()
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const [first, second] = waiters(locks, 2)
  await first
  store.onAcquire = async ({ ttl }) => ({ granted: true, token: 100, expiresIn: ttl })
  store.listener?.lost(new Error('cut'))
  expect((await first)?.held).toBe(false)
  expect((await second)?.token).toBe(100)
})

test('a lease that the store has forgotten is lost when it grants the lock anew', async () => {
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const first = await locks.acquire('a')
  const second = await locks.acquire('a') // asks when the slice of the first is over
  expect(second.held).toBe(true)
  expect(first.held).toBe(false)
  expect(first.signal.reason).toBeInstanceOf(LeaseLostError)
})

test('a grant that comes while closing is given back', async () => {
  const store = new ScriptedLockStore(8)
  const answers = Promise.withResolvers<void>()
  store.onAcquire = async ({ ttl }) => {
    await answers.promise
    return { granted: true, token: 1, expiresIn: ttl }
  }
  const locks = new Locks(store)
  const refused = waiters(locks, 2).map((waiter) => expect(waiter).rejects.toBeInstanceOf(ClosedError))
  await locks.drain(5_000)
  answers.resolve()
  await Promise.all(refused)
  expect(store.cancelled).toEqual([{ name: 'a', owner: store.asked[0]?.owner }])
})

test('ten thousand callers in one line ask once, and leave no listener and no timer behind', async () => {
  const store = new ScriptedLockStore(8)
  store.onAcquire = taken
  const locks = new Locks(store)
  const abort = new AbortController()
  const options = { signal: abort.signal, wait: 60_000 }
  const line = Array.from({ length: 10_000 }, () => locks.acquire('a', options))
  await vi.waitFor(() => expect(store.asked).toHaveLength(1))
  const wants = new Set(line)
  abort.abort()
  const results = await Promise.allSettled(wants)
  expect(results.every((result) => result.status === 'rejected')).toBe(true)
  expect(store.cancelled).toHaveLength(1)
  expect(process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length).toBeLessThan(10)
})

test('nothing is kept of a lock that nobody of the process holds or waits for', async () => {
  stopClock()
  const store = new ScriptedLockStore(8)
  const locks = new Locks(store)
  const before = queryObjects(Lane, { format: 'count' })
  const names = Array.from({ length: 300 }, (_, n) => `a${n}`)
  await Promise.all(names.map((name) => Promise.all([locks.using(name, turn), locks.using(name, turn)])))
  await Promise.all(names.map((name) => locks.acquire(name)))
  expect(queryObjects(Lane, { format: 'count' })).toBeGreaterThan(before + 200)
  store.listener?.lost(new Error('cut'))
  store.onAcquire = taken
  for (const name of names) expect(await locks.tryAcquire(name)).toBeNull()
  expect(queryObjects(Lane, { format: 'count' })).toBeLessThan(before + 10)
})
