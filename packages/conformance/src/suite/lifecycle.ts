import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { everyCall } from '../every-call.ts'
import { rejection, timed, together, twoClients } from '../expect.ts'
import type { Tests } from '../trial.ts'

export const lifecycleTests: Tests<'lifecycle'> = {
  'lifecycle/capabilities': async (trial) => {
    const state = await trial.client()
    const { capabilities } = state
    const name = trial.name('name')
    for (const { primitive, title, make } of everyCall(state, name)) {
      if (capabilities[primitive] === false) await rejection(make(), 'LOCKSTEP_UNSUPPORTED')
      else await assert.doesNotReject(make, title)
    }
    const fence = { name, token: 1 }
    const { counters, entries, locks } = capabilities
    if (locks !== false) assert.match(`${locks.fair} ${locks.wake}`, /^(strict|cohort|process) (push|poll)$/)
    if (counters !== false) {
      assert.match(`${counters.addAll} ${counters.safeRetry}`, /^(any|samePlacement) (always|withOperationId)$/)
      if (!counters.fence) await rejection(state.counters.get(name, { fence }), 'LOCKSTEP_UNSUPPORTED')
    }
    if (entries !== false) {
      assert.match(entries.safeRetry, /^(always|withOperationId)$/)
      if (!entries.fence) await rejection(state.entries.get(name, { fence }), 'LOCKSTEP_UNSUPPORTED')
    }
  },

  'lifecycle/health': async (trial) => {
    const state = await trial.client()
    const { took, result: health } = await timed(() => state.health())
    assert.ok(took < 1_200, `answered after ${took} ms`)
    assert.match(health.status, /^(up|degraded)$/)
    const [adapter] = health.adapters
    assert.ok(adapter !== undefined && adapter.latency !== null && adapter.latency >= 0)
    assert.notEqual(adapter.durability, '')
    assert.equal(adapter.status === 'degraded', adapter.warnings.length > 0)
    const serves = (['locks', 'counters', 'entries'] as const).filter((name) => state.capabilities[name] !== false)
    assert.deepEqual(adapter.primitives.filter((name) => name !== 'queues').toSorted(), serves.toSorted())
  },

  'lifecycle/close-refuses': async (trial) => {
    const state = await trial.client()
    await state.close()
    for (const { make } of everyCall(state, trial.name('name'))) await rejection(make(), 'LOCKSTEP_CLOSED')
  },

  'lifecycle/close-waiters': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    await one.locks.acquire(name)
    const waiters = [other.locks.acquire(name), other.locks.using(name, () => assert.fail('not to be run'))]
    const refused = waiters.map((waiter) => rejection(waiter, 'LOCKSTEP_CLOSED'))
    const closed = other.close()
    await rejection(other.locks.tryAcquire(trial.name('another lock')), 'LOCKSTEP_CLOSED')
    await Promise.all([closed, ...refused])
  },

  'lifecycle/close-waits': async (trial) => {
    const [one, other] = await twoClients(trial)
    const [name, count] = [trial.name('lock'), trial.name('count')]
    const [begins, ends] = [new AbortController(), new AbortController()]
    const run = one.locks.using(name, async () => {
      begins.abort()
      await once(ends.signal, 'abort')
      return (await one.counters.add(count, 1)).value
    })
    await once(begins.signal, 'abort')
    const closed = one.close()
    ends.abort()
    assert.equal(await run, 1)
    await closed

    const runs = new AbortController()
    const endless = other.locks.using(name, () => {
      runs.abort()
      return new Promise(() => {})
    })
    endless.catch(() => {})
    await once(runs.signal, 'abort')
    const { took } = await timed(() => other.close({ timeout: 100 }))
    assert.ok(took < 2_000, `closed after ${took} ms`)
  },

  'lifecycle/close-releases': async (trial) => {
    const [one, other] = await twoClients(trial)
    const names = ['a', 'b', 'c'].map((label) => trial.name(label))
    const leases = await Promise.all(names.map((name) => one.locks.acquire(name, { ttl: 60_000 })))
    await one.close()
    for (const name of names) assert.ok((await other.locks.tryAcquire(name)) !== null)
    assert.ok(leases.every((lease) => !lease.held))
  },

  'lifecycle/close-flushes': async (trial) => {
    const [one, other] = await twoClients(trial)
    const [count, entry] = [trial.name('count'), trial.name('entry')]
    const changes = together(50, () => one.counters.add(count, 1))
    const set = one.entries.set(entry, 'text')
    await one.close()
    assert.ok((await changes).every(({ applied }) => applied))
    assert.equal((await set).applied, true)
    assert.equal(await other.counters.get(count), 50)
    assert.equal((await other.entries.get(entry))?.value, 'text')
  },

  'lifecycle/close-leads': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('lock')
    const begins = new AbortController()
    const led = one.locks.lead(name, {}, (lease) => {
      begins.abort()
      return once(lease.signal, 'abort')
    })
    await once(begins.signal, 'abort')
    await one.close()
    assert.equal(await led, undefined)
    assert.ok((await other.locks.tryAcquire(name)) !== null)
  },

  'lifecycle/close-twice': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('counter')
    await one.counters.set(name, 5)
    const lease = await other.locks.acquire(trial.name('lock'))
    await Promise.all([one.close(), one.close()])
    await one.close()
    // Time for the other to notice, were it touched.
    await setTimeout(50)
    lease.assertHeld()
    assert.equal(await other.counters.get(name), 5)
    assert.equal(await lease.release(), true)
  },
}
