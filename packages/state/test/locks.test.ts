import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { ClosedError, LeaseLostError, LockTimeoutError, Locks, monotonic, UnavailableError } from '@lockstep/state'
import { stopClock } from './cohort.ts'
import { away, never, ScriptedLockStore } from './fake-locks.ts'

afterEach(() => void vi.useRealTimers())

const taken = async () => ({ granted: false, expiresIn: 10_000, place: 1 }) as const

test('a lost reply never locks the caller out: it asks again with the same owner', async () => {
  const store = new ScriptedLockStore()
  const grant = store.onAcquire
  store.onAcquire = (request) => {
    store.onAcquire = grant
    return away().catch(() => Promise.reject(new UnavailableError(`the reply to ${request.owner} was lost`)))
  }
  const lease = await new Locks(store).acquire('a')
  expect(lease.held).toBe(true)
  expect(new Set(store.asked.map((request) => request.owner)).size).toBe(1)
  expect(store.asked).toHaveLength(2)
})

test('acquire settles by wait + timeout when the store says nothing, as unavailable', async () => {
  const store = new ScriptedLockStore()
  store.onAcquire = never
  const started = monotonic()
  await expect(new Locks(store).acquire('a', { wait: 50, timeout: 50 })).rejects.toBeInstanceOf(UnavailableError)
  expect(monotonic() - started).toBeLessThan(1_000)
  expect(store.cancelled).toHaveLength(1) // the place that the store may remember is withdrawn
})

test('acquire rejects as timed out when the store last said taken, though it is away by then', async () => {
  const store = new ScriptedLockStore()
  store.onAcquire = async () => {
    store.onAcquire = away
    return { granted: false, expiresIn: 1, place: 1 }
  }
  await expect(new Locks(store).acquire('a', { wait: 80 })).rejects.toBeInstanceOf(LockTimeoutError)
})

test('a waiter asks again when it is offered the lock, and by the clock when no message comes', async () => {
  const store = new ScriptedLockStore()
  const grant = store.onAcquire
  store.onAcquire = taken
  const lease = new Locks(store).acquire('a')
  await vi.waitFor(() => expect(store.asked).toHaveLength(1))
  store.onAcquire = async () => {
    store.onAcquire = grant
    return { granted: false, expiresIn: 30, place: 1 }
  }
  store.listener?.offered(store.asked[0]?.owner ?? '')
  expect((await lease).held).toBe(true) // the third request, by the clock: no second message was sent
  expect(store.asked).toHaveLength(3)
})

test('an abort while waiting rejects with the reason and withdraws the place', async () => {
  const store = new ScriptedLockStore()
  store.onAcquire = taken
  const abort = new AbortController()
  const waiting = new Locks(store).acquire('a', { signal: abort.signal })
  await vi.waitFor(() => expect(store.asked).toHaveLength(1))
  abort.abort(new Error('gave up'))
  await expect(waiting).rejects.toThrow('gave up')
  expect(store.cancelled).toEqual([{ name: 'a', owner: store.asked[0]?.owner }])
})

test('a grant whose reply came after the lease was over is not used', async () => {
  const store = new ScriptedLockStore()
  const grant = store.onAcquire
  store.onAcquire = async () => {
    store.onAcquire = grant
    return { granted: true, token: 7, expiresIn: 1 }
  }
  const lease = await new Locks(store).acquire('a', { ttl: 1_000 })
  expect(lease.token).toBe(1)
})

test('the lease counts from the sending of the request, less the drift margin, so the holder stops first', async () => {
  stopClock()
  const store = new ScriptedLockStore()
  store.onAcquire = async ({ ttl }) => {
    vi.advanceTimersByTime(50) // a slow reply
    return { granted: true, token: 1, expiresIn: ttl }
  }
  const lease = await new Locks(store).acquire('a', { ttl: 1_000, autoExtend: false })
  expect(lease.remaining).toBeCloseTo(1_000 - 50 - 12, 3)
})

test.each([true, false])('so does one that was extended, by itself or when asked (%o)', async (autoExtend) => {
  stopClock()
  const store = new ScriptedLockStore()
  store.onExtend = async (requests) => {
    vi.advanceTimersByTime(50) // a slow reply
    return requests.map(() => true)
  }
  const lease = await new Locks(store).acquire('a', { ttl: 300, autoExtend })
  if (!autoExtend) await lease.extend()
  // The timers go on, though the clock stands still but for that reply.
  while (store.extended.length === 0) await pause(5)
  expect(lease.remaining).toBeCloseTo(300 - 50 - 5, 3)
  await lease.release()
})

test('a lease is extended at a third of its ttl, and a third later again when that fails', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  const store = new ScriptedLockStore()
  store.onExtend = away
  const lease = await new Locks(store).acquire('a', { ttl: 9_000 })
  const seen: number[] = []
  // A timer may come a thirtieth early, so that leases travel together.
  for (const time of [2_900, 100, 2_700, 300]) {
    await vi.advanceTimersByTimeAsync(time)
    seen.push(store.extended.length)
  }
  expect(seen).toEqual([0, 1, 1, 2])
  expect(lease.held).toBe(true)
})

test('the signal aborts by the lease deadline when extensions get no answer, and assertHeld throws', async () => {
  const store = new ScriptedLockStore()
  store.onExtend = never
  const lease = await new Locks(store).acquire('a', { ttl: 150 })
  const started = monotonic()
  await new Promise((resolve) => lease.signal.addEventListener('abort', resolve))
  expect(monotonic() - started).toBeLessThan(150 + 50)
  expect(lease.signal.reason).toBeInstanceOf(LeaseLostError)
  expect(() => lease.assertHeld()).toThrow(LeaseLostError)
  expect(store.extended.length).toBeGreaterThanOrEqual(1)
  expect(await lease.release()).toBe(false)
  expect(store.released).toHaveLength(0)
})

test('a failed extension is tried again and the lease goes on', async () => {
  const store = new ScriptedLockStore()
  const ok = store.onExtend
  store.onExtend = (requests) => {
    store.onExtend = ok
    return away().catch(() => Promise.reject(new UnavailableError(`${requests.length}`)))
  }
  const lease = await new Locks(store).acquire('a', { ttl: 300 })
  await vi.waitFor(() => expect(store.extended.length).toBeGreaterThanOrEqual(4), 3_000)
  expect(lease.held).toBe(true)
  await lease.release()
})

test('a refused extension loses the lease at once', async () => {
  const store = new ScriptedLockStore()
  store.onExtend = async (requests) => requests.map(() => false)
  const lease = await new Locks(store).acquire('a', { ttl: 600 })
  const started = monotonic()
  await new Promise((resolve) => lease.signal.addEventListener('abort', resolve))
  expect(monotonic() - started).toBeLessThan(500)
})

test('leases with about the same due time are extended in one request, at most 500 in each', async () => {
  const store = new ScriptedLockStore()
  const locks = new Locks(store)
  const leases = await Promise.all(Array.from({ length: 1_200 }, (_, n) => locks.acquire(`a${n}`, { ttl: 900 })))
  await vi.waitFor(() => expect(store.extended.flat().length).toBeGreaterThanOrEqual(1_200), 3_000)
  expect(Math.max(...store.extended.map((batch) => batch.length))).toBeLessThanOrEqual(500)
  // A request for each lease would be 1,200; the leases were granted within a few grains of time.
  expect(store.extended.length).toBeLessThan(60)
  await Promise.all(leases.map((lease) => lease.release()))
})

test('a lost link loses every lease of it at once, with the cause', async () => {
  const store = new ScriptedLockStore()
  const locks = new Locks(store)
  const leases = await Promise.all([locks.acquire('a'), locks.acquire('b')])
  const cause = new Error('the primary is gone')
  store.listener?.lost(cause)
  expect(leases.map((lease) => lease.held)).toEqual([false, false])
  expect(leases[0]?.signal.reason).toMatchObject({ code: 'LOCKSTEP_LEASE_LOST', cause })
})

test('using keeps the error of its function when the release fails too', async () => {
  const store = new ScriptedLockStore()
  store.onRelease = away
  const locks = new Locks(store)
  await expect(locks.using('a', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  await expect(locks.using('a', () => 'fine')).resolves.toBe('fine')
})

test('lead campaigns through an outage and again after a lost lease, and ends with its function', async () => {
  const store = new ScriptedLockStore()
  const grant = store.onAcquire
  let outage = 3
  store.onAcquire = (request) => (outage-- > 0 ? away() : grant(request))
  const locks = new Locks(store)
  const terms: boolean[] = []
  const result = await locks.lead('a', {}, (lease) => {
    if (terms.length === 0) store.listener?.lost(new Error('cut'))
    terms.push(lease.signal.aborted)
    return 'done'
  })
  expect(result).toBe('done')
  expect(terms).toEqual([true, false])
})

test('lead ends with nothing when its signal aborts, after its function has ended', async () => {
  const locks = new Locks(new ScriptedLockStore())
  const abort = new AbortController()
  let ended = false
  const leading = locks.lead('a', { signal: abort.signal }, async (lease) => {
    await new Promise((resolve) => lease.signal.addEventListener('abort', resolve))
    expect(lease.held).toBe(true) // asked to stop, still the leader
    await pause(20)
    ended = true
    return 'unused'
  })
  await pause(10) // let it become the leader
  abort.abort()
  expect(await leading).toBeUndefined()
  expect(ended).toBe(true)
})

test('drain rejects waiting and new acquires, aborts lead, and waits for what runs', async () => {
  const store = new ScriptedLockStore()
  const locks = new Locks(store)
  const log: string[] = []
  const running = locks.using('a', async () => {
    log.push('begun')
    await pause(60)
    log.push('finished')
  })
  const leading = locks.lead('b', {}, async (lease) => {
    log.push('begun')
    await new Promise((resolve) => lease.signal.addEventListener('abort', resolve))
  })
  await vi.waitFor(() => expect(log).toEqual(['begun', 'begun']))
  store.onAcquire = taken
  const waiting = locks.acquire('c').catch((error: unknown) => error)
  await vi.waitFor(() => expect(store.asked).toHaveLength(3))
  await locks.drain(5_000)
  expect(log).toEqual(['begun', 'begun', 'finished'])
  expect(await waiting).toBeInstanceOf(ClosedError)
  await Promise.all([running, leading])
  await expect(locks.acquire('d')).rejects.toBeInstanceOf(ClosedError)
})

test('ten thousand waiters leave no listener and no timer behind', async () => {
  const store = new ScriptedLockStore()
  store.onAcquire = taken
  const locks = new Locks(store)
  const abort = new AbortController()
  const waiting = Array.from({ length: 10_000 }, () => locks.acquire('a', { signal: abort.signal, wait: 60_000 }))
  await vi.waitFor(() => expect(store.asked).toHaveLength(10_000), 5_000)
  abort.abort()
  const results = await Promise.allSettled(waiting)
  expect(results.every((result) => result.status === 'rejected')).toBe(true)
  expect(process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length).toBeLessThan(10)
})
