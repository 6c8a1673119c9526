import assert from 'node:assert/strict'
import { rejection, twoClients } from '../expect.ts'
import { freeze } from '../freeze.ts'
import type { Tests } from '../trial.ts'

const ttl = 300

export const usingTests: Tests<'using'> = {
  'using/result': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const result = await one.locks.using(name, async (lease) => {
      assert.equal((await other.locks.inspect(name)).token, lease.token)
      return { done: true }
    })
    assert.deepEqual(result, { done: true })
    assert.equal(await one.locks.tryUsing(name, () => 'done at once'), 'done at once')
    assert.equal((await other.locks.inspect(name)).held, false)
  },

  'using/error': async (trial) => {
    const { locks } = await trial.client()
    const name = trial.name('lock')
    const own = new Error('out of paper')
    const fail = (): never => {
      throw own
    }
    await assert.rejects(locks.using(name, fail), (error) => error === own)
    await assert.rejects(locks.tryUsing(name, fail), (error) => error === own)
    assert.equal((await locks.inspect(name)).held, false)
  },

  'using/lost': async (trial) => {
    const { locks } = await trial.client()
    const name = trial.name('lock')
    // The function outlives its lease without ever giving the extension a chance.
    const call = locks.using(name, { ttl }, () => freeze(ttl + 50))
    await rejection(call, 'LOCKSTEP_LEASE_LOST')
    assert.equal(await locks.using(name, () => 'free again'), 'free again')
  },

  'using/error-when-lost': async (trial) => {
    const { locks } = await trial.client()
    const own = new Error('out of paper')
    const call = locks.using(trial.name('lock'), { ttl }, () => {
      freeze(ttl + 50)
      throw own
    })
    await assert.rejects(call, (error) => error === own)
  },

  'using/try-taken': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    await one.locks.acquire(name)
    for (const { locks } of [one, other]) {
      assert.equal(await locks.tryUsing(name, () => assert.fail('not to be run')), null)
    }
  },
}
