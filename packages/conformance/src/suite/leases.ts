import { LeaseLostError, monotonic, type ClusterState, type Lease } from '@lockstep/state'
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { rejection, timed, twoClients, until } from '../expect.ts'
import { freeze } from '../freeze.ts'
import type { Tests } from '../trial.ts'

/** Long enough to be granted and used on a slow machine, short enough to wait for. */
const ttl = 400

/** A lease that was lost by waiting, and the lease of the client that came next. */
async function supersede(one: ClusterState, other: ClusterState, name: string): Promise<{ lost: Lease; next: Lease }> {
  const lost = await one.locks.acquire(name, { ttl, autoExtend: false })
  const next = await other.locks.acquire(name)
  return { lost, next }
}

async function assertHolder(state: ClusterState, lease: Lease): Promise<void> {
  assert.equal((await state.locks.inspect(lease.name)).token, lease.token)
  lease.assertHeld()
}

export const leaseTests: Tests<'leases'> = {
  'leases/expiry': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const sentAt = monotonic()
    const { lost, next } = await supersede(one, other, name)
    const took = monotonic() - sentAt
    assert.equal(lost.held, false)
    assert.equal(lost.remaining, 0)
    assert.throws(() => lost.assertHeld(), LeaseLostError)
    assert.ok(next.token > lost.token)
    // A store may keep time in whole milliseconds.
    assert.ok(took >= ttl - 2, `the next holder came in after ${took} of ${ttl} ms`)
    assert.ok(took < ttl + 1_500, `the next holder had to wait for ${took} of ${ttl} ms`)
    await next.release()
  },

  'leases/after-another': async (trial) => {
    const [one, other] = await twoClients(trial)
    for (const ttlOfOther of [ttl, 20_000, 100]) {
      const name = trial.name(`lock after one of ${ttlOfOther} ms`)
      const first = await one.locks.acquire(name, { ttl: ttlOfOther })
      const waiter = one.locks.acquire(name, { ttl, autoExtend: false })
      const releasedAt = monotonic()
      assert.equal(await first.release(), true)
      const lease = await waiter
      const lasts = monotonic() + lease.remaining - releasedAt
      assert.ok(lease.remaining <= ttl, `${lease.remaining} of ${ttl} ms are left`)
      // The margin for the drift of clocks, and what had passed of a lease that was handed on.
      assert.ok(lasts >= ttl - (ttl * 0.01 + 2) - 20, `it lasts ${lasts} of ${ttl} ms`)
      const next = await other.locks.acquire(name)
      const took = monotonic() - releasedAt
      assert.equal(lease.held, false)
      assert.ok(took < ttl + 1_500, `the next holder had to wait for ${took} of ${ttl} ms`)
      await next.release()
    }
  },

  'leases/signal': async (trial) => {
    const { locks } = await trial.client()
    const lease = await locks.acquire(trial.name('lock'), { ttl, autoExtend: false })
    const { signal } = lease
    assert.equal(signal.aborted, false)
    const { took } = await timed(() => until(() => signal.aborted, 'the signal'))
    assert.ok(took <= ttl + 200, `told after ${took} of ${ttl} ms`)
    assert.ok(signal.reason instanceof LeaseLostError)
    assert.equal(lease.held, false)
  },

  'leases/resumed-holder': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const lease = await one.locks.acquire(name, { ttl })
    freeze(ttl + 50)
    // Nothing has been awaited: no timer has run and no message was read.
    assert.equal(lease.held, false)
    assert.throws(() => lease.assertHeld(), LeaseLostError)
    assert.equal(lease.signal.aborted, true)
    const next = await other.locks.acquire(name)
    assert.ok(next.token > lease.token)
    await next.release()
  },

  'leases/auto-extension': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    // Two thirds of it may pass before an extension that is due has been made: a busy machine may stand still for a while.
    const long = 1_000
    const lease = await one.locks.acquire(name, { ttl: long })
    // Twice as long as it would last unextended.
    const end = monotonic() + 2 * long
    while (monotonic() < end) {
      assert.equal(await other.locks.tryAcquire(name), null)
      await assertHolder(other, lease)
      await setTimeout(20)
    }
    assert.equal(lease.signal.aborted, false)
    assert.equal(await lease.release(), true)
  },

  'leases/extend': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const lease = await one.locks.acquire(name, { ttl: 2_000, autoExtend: false })
    await lease.extend(30_000)
    assert.ok(lease.remaining > 20_000)
    await lease.extend(1_000)
    assert.ok(lease.remaining > 20_000)
    assert.ok((await other.locks.inspect(name)).expiresIn > 20_000)
    await lease.release()
  },

  'leases/release-lost': async (trial) => {
    const [one, other] = await twoClients(trial)
    const { lost, next } = await supersede(one, other, trial.name('lock'))
    assert.equal(await lost.release(), false)
    await assertHolder(one, next)
    await next.release()
  },

  'leases/extend-lost': async (trial) => {
    const [one, other] = await twoClients(trial)
    const { lost, next } = await supersede(one, other, trial.name('lock'))
    await rejection(lost.extend(), 'LOCKSTEP_LEASE_LOST')
    await assertHolder(one, next)
    await next.release()
  },

  'leases/release-twice': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const first = await one.locks.acquire(name)
    await first.release()
    const next = await other.locks.acquire(name)
    await first.release()
    await assertHolder(one, next)
    await next.release()
  },
}
