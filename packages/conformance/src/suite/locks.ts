import { monotonic } from '@lockstep/state'
import assert from 'node:assert/strict'
import { assertLeft, rejection, timed, together, twoClients } from '../expect.ts'
import type { Tests } from '../trial.ts'

export const lockTests: Tests<'locks'> = {
  'locks/exclusion': async (trial) => {
    const clients = await twoClients(trial)
    const name = trial.name('lock')
    const tokens: number[] = []
    let inside = 0
    await together(40, async (index) => {
      const { locks } = index % 2 === 0 ? clients[0] : clients[1]
      await locks.using(name, async (lease) => {
        inside += 1
        assert.equal(inside, 1)
        tokens.push(lease.token)
        await new Promise(setImmediate)
        inside -= 1
      })
    })
    assert.equal(tokens.length, 40)
    assert.deepEqual(
      tokens,
      [...new Set(tokens)].toSorted((a, b) => a - b),
    )
  },

  'locks/token-grows': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    let last = 0
    for (const { locks } of [one, other, other, one, other]) {
      const lease = await locks.acquire(name)
      assert.ok(lease.token > last, `${lease.token} follows ${last}`)
      last = lease.token
      await lease.release()
    }
  },

  'locks/token-wall-clock': async (trial) => {
    const { locks } = await trial.client()
    await using lease = await locks.acquire(trial.name('lock'))
    // The clock of the store may differ from ours: a minute is more than any machine with a time service is off.
    assert.ok(lease.token >= (Date.now() - 60_000) * 1_000, `${lease.token}`)
    assert.ok(Number.isSafeInteger(lease.token))
  },

  'locks/taken': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    await one.locks.acquire(name)
    assert.equal(await one.locks.tryAcquire(name), null)
    assert.equal(await other.locks.tryAcquire(name), null)
  },

  'locks/wait-ends': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    await one.locks.acquire(name)
    for (const wait of [0, 200]) {
      const { took } = await timed(() => rejection(other.locks.acquire(name, { wait }), 'LOCKSTEP_LOCK_TIMEOUT'))
      assert.ok(took >= wait - 1 && took < wait + 1_500, `waited ${took} of ${wait} ms`)
    }
  },

  'locks/release': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    for (const { locks } of [one, other, one]) {
      const lease = await locks.tryAcquire(name)
      assert.ok(lease !== null)
      assert.equal(await lease.release(), true)
      assert.equal(lease.held, false)
      assert.equal(lease.remaining, 0)
      assert.throws(() => lease.assertHeld())
      assert.equal(lease.signal.aborted, false, 'a release is no loss')
    }
  },

  'locks/dispose': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    {
      await using lease = await one.locks.acquire(name)
      assert.equal(lease.held, true)
    }
    assert.equal((await other.locks.inspect(name)).held, false)
  },

  'locks/inspect': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const free = await one.locks.inspect(name)
    assert.deepEqual([free.held, free.token, free.expiresIn], [false, 0, 0])
    const lease = await one.locks.acquire(name, { ttl: 20_000 })
    for (const { locks } of [one, other]) {
      const { held, token, expiresIn } = await locks.inspect(name)
      assert.deepEqual([held, token], [true, lease.token])
      assertLeft(expiresIn, 20_000)
    }
    assertLeft(lease.remaining, 20_000)
    await lease.release()
    const after = await other.locks.inspect(name)
    assert.deepEqual([after.held, after.token, after.expiresIn], [false, 0, 0])
  },

  'locks/independent': async (trial) => {
    const { locks } = await trial.client()
    const started = monotonic()
    const leases = await together(50, (index) => locks.acquire(trial.name(`lock ${index}`)))
    assert.ok(monotonic() - started < 2_000)
    assert.ok(leases.every((lease) => lease.held))
    await Promise.all(leases.map((lease) => lease.release()))
  },
}
