import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { twoClients, until } from '../expect.ts'
import { freeze } from '../freeze.ts'
import type { Tests } from '../trial.ts'

/** Long enough to be granted and used on a slow machine, short enough to wait for. */
const ttl = 400

export const leadTests: Tests<'lead'> = {
  'lead/one': async (trial) => {
    const clients = await twoClients(trial)
    const name = trial.name('lock')
    const leaders: number[] = []
    let leading = 0
    const calls = clients.map(({ locks }, index) =>
      locks.lead(name, {}, async () => {
        leaders.push(index)
        leading += 1
        assert.equal(leading, 1)
        // Time for the other to come in, were it let in.
        await setTimeout(100)
        leading -= 1
        return index
      }),
    )
    assert.deepEqual(await Promise.all(calls), [0, 1])
    assert.deepEqual(new Set(leaders), new Set([0, 1]))
  },

  'lead/result': async (trial) => {
    const { locks } = await trial.client()
    const name = trial.name('lock')
    assert.equal(await locks.lead(name, {}, () => 'elected'), 'elected')
    const own = new Error('out of office')
    const failing = locks.lead(name, {}, () => {
      throw own
    })
    await assert.rejects(failing, (error) => error === own)
    assert.equal((await locks.inspect(name)).held, false)
  },

  'lead/abort': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const [begins, leading, campaigning] = [new AbortController(), new AbortController(), new AbortController()]
    const led = one.locks.lead(name, { signal: leading.signal }, async (lease) => {
      begins.abort()
      await once(lease.signal, 'abort')
      return 'the result of a leader who was called off'
    })
    await once(begins.signal, 'abort')
    const campaigned = other.locks.lead(name, { signal: campaigning.signal }, () => assert.fail('not to be run'))
    campaigning.abort()
    assert.equal(await campaigned, undefined)
    const never = other.locks.lead(name, { signal: campaigning.signal }, () => assert.fail('not to be run'))
    assert.equal(await never, undefined)
    leading.abort()
    assert.equal(await led, undefined)
    // The request that was called off is withdrawn behind its back.
    await until(async () => !(await other.locks.inspect(name)).held, 'the lock to be free')
  },

  'lead/lost': async (trial) => {
    const { locks } = await trial.client()
    const name = trial.name('lock')
    const tokens: number[] = []
    const result = await locks.lead(name, { ttl }, (lease) => {
      tokens.push(lease.token)
      if (tokens.length > 1) return 'elected again'
      freeze(ttl + 50)
      return 'a result that no longer counts'
    })
    assert.equal(result, 'elected again')
    const [first = 0, second = 0] = tokens
    assert.ok(second > first)
  },
}
