import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { assertLeft, rejection, together, twoClients } from '../expect.ts'
import type { Tests } from '../trial.ts'

const most = Number.MAX_SAFE_INTEGER

export const counterTests: Tests<'counters'> = {
  'counters/absent': async (trial) => {
    const { counters } = await trial.client()
    const name = trial.name('counter')
    assert.equal(await counters.get(name), 0)
    assert.equal(await counters.take(name), null)
    assert.equal(await counters.compareAndSet(name, 0, 5), true)
    assert.equal(await counters.get(name), 5)
  },

  'counters/add': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('counter')
    assert.deepEqual(await one.counters.add(name, 5), { applied: true, value: 5, expiresIn: null })
    assert.deepEqual(await other.counters.add(name, -12), { applied: true, value: -7, expiresIn: null })
    assert.equal(await one.counters.get(name), -7)
    assert.equal(await other.counters.get(name), -7)
  },

  'counters/take': async (trial) => {
    const { counters } = await trial.client()
    const name = trial.name('stock')
    await counters.set(name, 5)
    assert.equal(await counters.take(name), 4)
    assert.equal(await counters.take(name, 3), 1)
    assert.equal(await counters.take(name, 2), null)
    assert.equal(await counters.take(name, 1), 0)
    assert.equal(await counters.take(name), null)
    assert.equal(await counters.get(name), 0)
  },

  'counters/bounds': async (trial) => {
    const { counters } = await trial.client()
    const name = trial.name('counter')
    const no = { applied: false, value: 0, expiresIn: null }
    assert.deepEqual(await counters.add(name, 11, { max: 10, ttl: 1_000 }), no)
    assert.deepEqual(await counters.add(name, -1, { min: 0, ttl: 1_000 }), no)
    assert.equal(await counters.delete(name), false, 'a refused change creates nothing')
    assert.deepEqual(await counters.add(name, 10, { min: 0, max: 10 }), { applied: true, value: 10, expiresIn: null })
    assert.deepEqual(await counters.add(name, 1, { max: 10 }), { applied: false, value: 10, expiresIn: null })
    assert.deepEqual(await counters.add(name, -10, { min: 0, max: 10 }), { applied: true, value: 0, expiresIn: null })
    assert.deepEqual(await counters.add(name, -3, { min: -2 }), no)
  },

  'counters/never-oversold': async (trial) => {
    const clients = await twoClients(trial)
    const name = trial.name('stock')
    await clients[0].counters.set(name, 100)
    const answers = await together(300, (index) => (index % 2 === 0 ? clients[0] : clients[1]).counters.take(name))
    const sold = answers.filter((left) => left !== null).toSorted((a, b) => b - a)
    assert.deepEqual(
      sold,
      Array.from({ length: 100 }, (_, index) => 99 - index),
    )
    assert.equal(await clients[1].counters.get(name), 0)
  },

  'counters/folding': async (trial) => {
    const { counters } = await trial.client()
    const name = trial.name('counter')
    const answers = await together(1_000, async () => (await counters.add(name, 1)).value)
    assert.deepEqual(
      answers,
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    )
    assert.equal(await counters.get(name), 1_000)
  },

  'counters/folding-each-its-own': async (trial) => {
    const { counters } = await trial.client()
    const name = trial.name('counter')
    const answers = await Promise.all([
      counters.add(name, 3, { ttl: 60_000 }).then(({ value }) => value),
      counters.add(name, 4, { max: 6 }).then(({ applied, value }) => [applied, value]),
      counters.add(name, 2, { operationId: 'o' }).then(({ value }) => value),
      counters.add(name, 2, { operationId: 'o' }).then(({ value }) => value),
      counters.take(name, 6),
      counters.take(name, 5),
      counters.compareAndSet(name, 1, 8),
      counters.compareAndSet(name, 0, 8),
      rejection(counters.add(name, most), 'LOCKSTEP_OUT_OF_RANGE').then(() => 'out of range'),
      counters.add(name, -1).then(({ value }) => value),
    ])
    assert.deepEqual(answers, [3, [false, 3], 5, 5, null, 0, false, true, 'out of range', 7])
    assertLeft((await counters.add(name, 1)).expiresIn, 60_000)
  },

  'counters/ttl': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('window')
    const ttl = 500
    assertLeft((await one.counters.add(name, 1, { ttl })).expiresIn, ttl)
    assertLeft((await other.counters.add(name, 1, { ttl: 60_000 })).expiresIn, ttl)
    assert.equal(await one.counters.compareAndSet(name, 2, 3), true)
    assertLeft((await one.counters.add(name, 1)).expiresIn, ttl)
    // The window has to end, by the clock of the store.
    await setTimeout(ttl + 50)
    assert.equal(await one.counters.get(name), 0)
    assert.equal(await one.counters.delete(name), false)
    assert.deepEqual(await other.counters.add(name, 1), { applied: true, value: 1, expiresIn: null })
  },

  'counters/set': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('counter')
    await one.counters.set(name, 5, { ttl: 60_000 })
    assertLeft((await other.counters.add(name, 1)).expiresIn, 60_000)
    await other.counters.set(name, 9, { ttl: 20_000 })
    assertLeft((await one.counters.add(name, 1)).expiresIn, 20_000)
    await one.counters.set(name, -most)
    assert.deepEqual(await other.counters.add(name, 1), { applied: true, value: 1 - most, expiresIn: null })
  },

  'counters/compare-and-set': async (trial) => {
    const clients = await twoClients(trial)
    const name = trial.name('counter')
    await clients[0].counters.set(name, 7, { ttl: 60_000 })
    const won = await together(20, (index) =>
      (index % 2 === 0 ? clients[0] : clients[1]).counters.compareAndSet(name, 7, 100 + index),
    )
    assert.equal(won.filter(Boolean).length, 1)
    assert.equal(await clients[1].counters.get(name), 100 + won.indexOf(true))
    assertLeft((await clients[0].counters.add(name, 1)).expiresIn, 60_000)
  },

  'counters/delete': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('counter')
    assert.equal(await one.counters.delete(name), false)
    await one.counters.set(name, 0)
    assert.equal(await other.counters.delete(name), true)
    assert.equal(await one.counters.delete(name), false)
    assert.equal(await one.counters.get(name), 0)
  },

  'counters/out-of-range': async (trial) => {
    const { counters } = await trial.client()
    const name = trial.name('counter')
    await counters.set(name, most - 1)
    assert.equal((await counters.add(name, 1)).value, most)
    const [, , neighbour] = await Promise.all([
      rejection(counters.add(name, 1), 'LOCKSTEP_OUT_OF_RANGE'),
      rejection(counters.add(name, most), 'LOCKSTEP_OUT_OF_RANGE'),
      counters.add(name, -1),
    ])
    assert.equal(neighbour.value, most - 1)
    await counters.set(name, -most)
    await rejection(counters.add(name, -1), 'LOCKSTEP_OUT_OF_RANGE')
    await rejection(counters.addAll([{ name, delta: -1 }]), 'LOCKSTEP_OUT_OF_RANGE')
    assert.equal(await counters.get(name), -most)
  },

  'counters/range-before-bounds': async (trial) => {
    const { counters } = await trial.client()
    const [bottom, top, other] = [trial.name('bottom'), trial.name('top'), trial.name('other')]
    await counters.set(bottom, -most)
    await counters.set(top, most)
    await rejection(counters.take(bottom), 'LOCKSTEP_OUT_OF_RANGE')
    await rejection(counters.add(top, 1, { max: 10, operationId: 'op' }), 'LOCKSTEP_OUT_OF_RANGE')
    const changes = [
      { name: other, delta: -1, min: 0 },
      { name: bottom, delta: -1, min: 0 },
    ]
    await rejection(counters.addAll(changes), 'LOCKSTEP_OUT_OF_RANGE')
    assert.deepEqual(await Promise.all([bottom, top, other].map((name) => counters.get(name))), [-most, most, 0])
  },

  'counters/linearizable': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('counter')
    for (let value = 1; value <= 20; value += 1) {
      await one.counters.add(name, 1)
      assert.equal(await other.counters.get(name), value)
    }
  },
}
