import type { ClusterState, Fence } from '@lockstep/state'
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { rejections, twoClients } from '../expect.ts'
import { twoHolders } from '../holders.ts'
import type { Tests, Trial } from '../trial.ts'

/** Two clients, a lock that both have held, and a resource. */
async function scene(
  trial: Trial,
): Promise<{ one: ClusterState; other: ClusterState; stale: Fence; fresh: Fence; name: string }> {
  const [one, other] = await twoClients(trial)
  return { one, other, ...(await twoHolders(one, trial.name('lock'))), name: trial.name('resource') }
}

function allStale(calls: readonly Promise<unknown>[]): Promise<void> {
  return rejections(calls, 'LOCKSTEP_STALE_TOKEN')
}

export const fencingTests: Tests<'fencing'> = {
  'fencing/counters': async (trial) => {
    const { one, other, stale, fresh, name } = await scene(trial)
    await one.counters.set(name, 10, { fence: stale })
    await other.counters.add(name, 1, { fence: fresh })
    const { counters } = one
    await allStale([
      counters.add(name, 1, { fence: stale }),
      counters.take(name, 1, { fence: stale }),
      counters.addAll([{ name, delta: 1 }], { fence: stale }),
      counters.set(name, 0, { fence: stale }),
      counters.compareAndSet(name, 11, 0, { fence: stale }),
      counters.delete(name, { fence: stale }),
    ])
    assert.equal(await counters.get(name), 11)
  },

  'fencing/entries': async (trial) => {
    const { one, other, stale, fresh, name } = await scene(trial)
    await one.entries.set(name, 'first', { fence: stale })
    const { version } = await other.entries.set(name, 'second', { fence: fresh })
    const { entries } = one
    await allStale([
      entries.set(name, 'third', { fence: stale }),
      entries.set(name, 'third', { ifVersion: version, fence: stale }),
      entries.touch(name, 60_000, { fence: stale }),
      entries.delete(name, { fence: stale }),
      entries.delete(name, { tombstone: 60_000, fence: stale }),
    ])
    assert.deepEqual(await entries.get(name), { value: 'second', version, expiresIn: null })
  },

  'fencing/reads': async (trial) => {
    const { one, other, stale, fresh, name } = await scene(trial)
    assert.equal(await one.counters.get(name, { fence: stale }), 0)
    assert.equal(await one.entries.get(name, { fence: stale }), null)
    assert.equal(await other.counters.get(name, { fence: fresh }), 0)
    assert.equal(await other.entries.get(name, { fence: fresh }), null)
    await allStale([
      one.counters.get(name, { fence: stale }),
      one.counters.set(name, 1, { fence: stale }),
      one.entries.get(name, { fence: stale }),
      one.entries.set(name, 'late', { fence: stale }),
    ])
    assert.equal(await one.counters.get(name), 0)
    assert.equal(await one.entries.get(name), null)
  },

  'fencing/outlives-resource': async (trial) => {
    const { one, other, stale, fresh, name: deleted } = await scene(trial)
    const expired = trial.name('expired')
    const ttl = 200
    for (const name of [deleted, expired]) {
      await other.counters.set(name, 1, { fence: fresh, ttl })
      await other.entries.set(name, 'text', { fence: fresh, ttl })
    }
    await other.counters.delete(deleted)
    await other.entries.delete(deleted)
    // The others have to expire, by the clock of the store.
    await setTimeout(ttl + 50)
    for (const name of [deleted, expired]) {
      await allStale([
        one.counters.add(name, 1, { fence: stale }),
        one.entries.set(name, 'late', { ifVersion: 0, fence: stale }),
      ])
      assert.equal(await one.counters.get(name), 0)
      assert.equal(await one.entries.get(name), null)
    }
  },

  'fencing/equal': async (trial) => {
    const { one, other, fresh: fence, name } = await scene(trial)
    await assert.doesNotReject(async () => {
      for (const { counters, entries } of [one, other, one]) {
        assert.equal((await counters.add(name, 1, { fence })).applied, true)
        assert.equal((await entries.set(name, 'text', { fence })).applied, true)
      }
      assert.equal(await one.counters.get(name, { fence }), 3)
    })
  },

  'fencing/unfenced': async (trial) => {
    const { one, other, fresh, name } = await scene(trial)
    await other.counters.set(name, 1, { fence: fresh })
    await other.entries.set(name, 'text', { fence: fresh })
    assert.equal((await one.counters.add(name, 1)).value, 2)
    assert.equal((await one.entries.set(name, 'unchecked')).applied, true)
  },

  'fencing/per-lock': async (trial) => {
    const { one, stale, fresh, name } = await scene(trial)
    const elsewhere = { ...stale, name: trial.name('another lock') }
    await one.counters.set(name, 1, { fence: fresh })
    await one.entries.set(name, 'text', { fence: fresh })
    assert.equal((await one.counters.add(name, 1, { fence: elsewhere })).value, 2)
    assert.equal((await one.entries.set(name, 'text', { fence: elsewhere })).applied, true)
    // Neither lock has forgotten its own mark.
    await allStale([one.counters.add(name, 1, { fence: stale }), one.entries.set(name, 'text', { fence: stale })])
  },

  'fencing/per-resource': async (trial) => {
    const { one, stale, fresh, name } = await scene(trial)
    const neighbour = trial.name('neighbour')
    await one.counters.set(name, 1, { fence: fresh })
    await one.entries.set(neighbour, 'text', { fence: fresh })
    assert.equal((await one.counters.add(neighbour, 1, { fence: stale })).value, 1)
    assert.equal((await one.entries.set(name, 'text', { fence: stale })).applied, true)
  },

  'fencing/all-or-nothing': async (trial) => {
    const { one, stale, fresh, name } = await scene(trial)
    const neighbour = trial.name('neighbour')
    await one.counters.get(name, { fence: fresh })
    const additions = [
      { name: neighbour, delta: 1 },
      { name, delta: 1 },
    ]
    await allStale([one.counters.addAll(additions, { fence: stale })])
    assert.deepEqual(await Promise.all([one.counters.get(neighbour), one.counters.get(name)]), [0, 0])
    assert.deepEqual(await one.counters.addAll(additions, { fence: fresh }), { applied: true, values: [1, 1] })
    await allStale([one.counters.add(neighbour, 1, { fence: stale })])
  },
}
