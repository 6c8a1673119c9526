import type { Capabilities } from '@lockstep/state'
import assert from 'node:assert/strict'
import { rejection, together, twoClients } from '../expect.ts'
import type { Tests } from '../trial.ts'

export const addAllTests: Tests<'addAll'> = {
  'addAll/applied': async (trial) => {
    const [one, other] = await twoClients(trial)
    const [a, b] = [trial.name('a'), trial.name('b')]
    await one.counters.set(b, 10)
    const additions = [
      { name: b, delta: -4, min: 0 },
      { name: a, delta: 4, max: 4 },
    ]
    assert.deepEqual(await other.counters.addAll(additions), { applied: true, values: [6, 4] })
    assert.deepEqual(await Promise.all([one.counters.get(a), one.counters.get(b)]), [4, 6])
  },

  'addAll/refused': async (trial) => {
    const { counters } = await trial.client()
    const [a, b, c] = [trial.name('a'), trial.name('b'), trial.name('c')]
    await counters.set(b, 3)
    const additions = [
      { name: a, delta: 4 },
      { name: b, delta: -4, min: 0 },
      { name: c, delta: 1 },
    ]
    assert.deepEqual(await counters.addAll(additions), { applied: false, values: [0, 3, 0] })
    assert.deepEqual(await Promise.all([a, b, c].map((name) => counters.get(name))), [0, 3, 0])
    assert.equal(await counters.delete(a), false, 'a refused change creates nothing')
  },

  'addAll/sum': async (trial) => {
    const clients = await twoClients(trial)
    const accounts = [trial.name('a'), trial.name('b'), trial.name('c')]
    await Promise.all(accounts.map((name) => clients[0].counters.set(name, 20)))
    await together(60, async (index) => {
      const [from, to] = [accounts[index % 3], accounts[(index + 1 + (index % 2)) % 3]]
      assert.ok(from !== undefined && to !== undefined)
      const amount = 1 + (index % 7)
      const { values } = await (index % 2 === 0 ? clients[0] : clients[1]).counters.addAll([
        { name: from, delta: -amount, min: 0 },
        { name: to, delta: amount },
      ])
      assert.ok(values.every((value) => value >= 0))
    })
    const left = await Promise.all(accounts.map((name) => clients[1].counters.get(name)))
    assert.equal(
      left.reduce((sum, value) => sum + value),
      60,
    )
  },

  'addAll/placement': async (trial) => {
    const { counters, capabilities } = await trial.client()
    // A tag of their own each, in front of that of the trial.
    const [a, b] = [`{a}${trial.name('')}`, `{b}${trial.name('')}`]
    const additions = [a, b].map((name) => ({ name, delta: 1 }))
    if (placementsOf(capabilities) === 'any') {
      assert.deepEqual(await counters.addAll(additions), { applied: true, values: [1, 1] })
    } else {
      assert.match((await rejection(counters.addAll(additions), 'LOCKSTEP_INVALID_ARGUMENT')).message, /tag/)
      assert.equal(await counters.get(a), 0)
    }
  },

  'addAll/name-twice': async (trial) => {
    const { counters } = await trial.client()
    const name = trial.name('counter')
    const twice = [
      { name, delta: 1 },
      { name, delta: 2 },
    ]
    await rejection(counters.addAll(twice), 'LOCKSTEP_INVALID_ARGUMENT')
    await rejection(counters.addAll([]), 'LOCKSTEP_INVALID_ARGUMENT')
    assert.equal(await counters.get(name), 0)
  },
}

function placementsOf({ counters }: Capabilities): 'any' | 'samePlacement' {
  assert.ok(counters !== false)
  return counters.addAll
}
