import { isStateError } from '@lockstep/state'
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { everyCall } from '../every-call.ts'
import { timed } from '../expect.ts'
import type { Tests } from '../trial.ts'

export const callTests: Tests<'calls'> = {
  'calls/aborted': async (trial) => {
    const state = await trial.client()
    const name = trial.name('name')
    const reason = new Error('the user has left')
    for (const { title, make } of everyCall(state, name, { signal: AbortSignal.abort(reason) })) {
      await assert.rejects(make, (error) => error === reason, title)
    }
    assert.equal((await state.locks.inspect(name)).held, false)
    assert.equal(await state.counters.get(name), 0)
    assert.equal(await state.entries.get(name), null)
  },

  'calls/aborted-under-way': async (trial) => {
    const { locks } = await trial.client()
    const name = trial.name('lock')
    await locks.acquire(name)
    const controller = new AbortController()
    const reason = new Error('the user has left')
    const { took } = await timed(async () => {
      const waiting = locks.acquire(name, { signal: controller.signal })
      setImmediate(() => controller.abort(reason))
      await assert.rejects(waiting, (error) => error === reason)
    })
    assert.ok(took < 1_000, `rejected after ${took} ms`)
  },

  'calls/settled-in-time': async (trial) => {
    const state = await trial.client()
    const name = trial.name('name')
    for (const { title, make } of everyCall(state, name, { timeout: 1 })) {
      // One millisecond may or may not be enough; the promise is that it settles, and says nothing that it does not
      // know.
      const { took } = await timed(() =>
        make().catch((error: unknown) => {
          const honest = ['LOCKSTEP_UNAVAILABLE', 'LOCKSTEP_OUTCOME_UNKNOWN', 'LOCKSTEP_LOCK_TIMEOUT']
          assert.ok(isStateError(error) && honest.includes(error.code), `${title} rejected with ${String(error)}`)
        }),
      )
      assert.ok(took < 2_000, `${title} settled after ${took} ms`)
    }
  },

  'calls/own-function': async (trial) => {
    const { locks } = await trial.client()
    // Longer than the timeout, which bounds the requests alone.
    const result = await locks.using(trial.name('lock'), { timeout: 500 }, () => setTimeout(700, 'done'))
    assert.equal(result, 'done')
  },
}
