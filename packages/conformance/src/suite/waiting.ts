import { monotonic, type ClusterState } from '@lockstep/state'
import assert from 'node:assert/strict'
import { rejection, timed, twoClients, until } from '../expect.ts'
import type { Tests } from '../trial.ts'

/** Below the two seconds that an offer to a waiter who is no longer there would cost. */
const soon = 1_500

/**
 * Resolves when so many waiters are in the queue. Where a store does not count them, or a process may queue for all of its
 * waiters, they get time to ask.
 */
async function queued({ locks, capabilities }: ClusterState, name: string, count: number): Promise<void> {
  const exact = capabilities.locks !== false && capabilities.locks.fair === 'strict'
  const end = performance.now() + 100
  await until(async () => {
    const { waiters } = await locks.inspect(name)
    return (waiters ?? 0) >= count || (!(exact && waiters !== undefined) && performance.now() > end)
  }, 'waiters')
}

/** How long it takes a newcomer to get the lock. */
async function timeToAcquire({ locks }: ClusterState, name: string): Promise<number> {
  const { took, result: lease } = await timed(() => locks.acquire(name, { wait: 20_000 }))
  await lease.release()
  return took
}

export const waitingTests: Tests<'waiting'> = {
  'waiting/handed-on': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const holder = await one.locks.acquire(name, { ttl: 30_000 })
    const waiter = other.locks.acquire(name, { wait: 20_000 })
    await queued(one, name, 1)
    const { took, result: lease } = await timed(async () => {
      await holder.release()
      return waiter
    })
    assert.ok(took < soon, `the waiter had to wait for ${took} ms`)
    assert.ok(lease.token > holder.token)
    assert.equal(lease.held, true)
    await lease.release()
  },

  'waiting/order': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const holder = await one.locks.acquire(name)
    const order: number[] = []
    const waiters: Promise<void>[] = []
    for (const index of [0, 1, 2, 3, 4, 5]) {
      const { locks } = index % 2 === 0 ? one : other
      waiters.push(locks.using(name, { wait: 20_000 }, () => void order.push(index)))
      await queued(one, name, index + 1)
    }
    await holder.release()
    await Promise.all(waiters)
    assert.ok(one.capabilities.locks !== false)
    if (one.capabilities.locks.fair === 'strict') assert.deepEqual(order, [0, 1, 2, 3, 4, 5])
    const ofOneProcess = [0, 1].map((rest) => order.filter((index) => index % 2 === rest))
    assert.deepEqual(ofOneProcess, [
      [0, 2, 4],
      [1, 3, 5],
    ])
  },

  'waiting/abort': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const holder = await one.locks.acquire(name)
    const controller = new AbortController()
    const reason = new Error('enough')
    const waiter = other.locks.acquire(name, { signal: controller.signal })
    await queued(one, name, 1)
    controller.abort(reason)
    await assert.rejects(waiter, (error) => error === reason)
    await holder.release()
    const took = await timeToAcquire(one, name)
    assert.ok(took < soon, `the next one had to wait for ${took} ms`)
    assert.equal((await one.locks.inspect(name)).waiters ?? 0, 0)
  },

  'waiting/abort-ahead': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const holder = await one.locks.acquire(name)
    const controller = new AbortController()
    const reason = new Error('enough')
    const first = other.locks.acquire(name, { signal: controller.signal })
    await queued(one, name, 1)
    const order: string[] = []
    const behind = other.locks.using(name, { wait: 20_000 }, () => void order.push('behind it'))
    await queued(one, name, 2)
    const last = one.locks.using(name, { wait: 20_000 }, () => void order.push('last'))
    await queued(one, name, 3)
    controller.abort(reason)
    await assert.rejects(first, (error) => error === reason)
    const { took } = await timed(async () => {
      await holder.release()
      await Promise.all([behind, last])
    })
    assert.ok(took < soon, `the others had to wait for ${took} ms`)
    assert.ok(one.capabilities.locks !== false)
    if (one.capabilities.locks.fair !== 'process') assert.deepEqual(order, ['behind it', 'last'])
  },

  'waiting/silent-ahead': async (trial) => {
    const [one, other] = await twoClients(trial)
    const { locks: silent } = await trial.connection()
    assert.ok(silent !== undefined)
    silent.listen({ offered: () => {}, lost: () => {} })
    const name = trial.name('lock')
    const holder = await one.locks.acquire(name, { ttl: 30_000 })
    const call = { deadline: monotonic() + 5_000 }
    await silent.acquire({ name, owner: 'silent', ttl: 6_000, wait: 30_000, reserve: 0 }, call)
    const waiter = other.locks.acquire(name, { wait: 20_000 })
    await queued(one, name, 2)
    const { took, result: lease } = await timed(async () => {
      await holder.release()
      return waiter
    })
    assert.ok(took < 2_000 + soon, `the next one had to wait for ${took} ms`)
    await lease.release()
  },

  'waiting/timeout': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const holder = await one.locks.acquire(name)
    await rejection(other.locks.acquire(name, { wait: 100 }), 'LOCKSTEP_LOCK_TIMEOUT')
    await holder.release()
    const took = await timeToAcquire(one, name)
    assert.ok(took < soon, `the next one had to wait for ${took} ms`)
  },

  'waiting/unwanted-grant': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const controller = new AbortController()
    const reason = new Error('enough')
    const asked = one.locks.acquire(name, { ttl: 30_000, signal: controller.signal })
    // By now the request is on its way, or its answer is.
    await new Promise(setImmediate)
    controller.abort(reason)
    const lease = await asked.catch((error: unknown) => assert.equal(error, reason))
    await lease?.release()
    const took = await timeToAcquire(other, name)
    assert.ok(took < soon, `the next one had to wait for ${took} ms`)
  },

  'waiting/barging': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const holder = await one.locks.acquire(name)
    let served = false
    const waiter = other.locks.using(name, () => {
      served = true
    })
    await queued(one, name, 1)
    const released = holder.release()
    await until(async () => {
      const lease = await one.locks.tryAcquire(name)
      if (lease === null) return served
      assert.equal(served, true, 'tryAcquire got in before the waiter')
      await lease.release()
      return true
    }, 'the waiter to be served')
    await released
    await waiter
  },
}
