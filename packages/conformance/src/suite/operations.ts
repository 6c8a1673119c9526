import assert from 'node:assert/strict'
import { rejection, rejections, together, twoClients } from '../expect.ts'
import { twoHolders } from '../holders.ts'
import type { Tests } from '../trial.ts'

const operationId = 'order 42'

export const operationTests: Tests<'operations'> = {
  'operations/repeat': async (trial) => {
    const [one, other] = await twoClients(trial)
    const [name, stock] = [trial.name('counter'), trial.name('stock')]
    const first = await one.counters.add(name, 5, { operationId })
    await one.counters.add(name, 100)
    for (const { counters } of [one, other]) {
      const { applied, value } = await counters.add(name, 5, { operationId })
      assert.deepEqual([applied, value], [first.applied, first.value])
    }
    assert.equal(await one.counters.get(name), 105)
    await one.counters.set(stock, 10)
    assert.equal(await one.counters.take(stock, 3, { operationId }), 7)
    assert.equal(await other.counters.take(stock, 3, { operationId }), 7)
    assert.equal(await one.counters.get(stock), 7)
  },

  'operations/at-once': async (trial) => {
    const clients = await twoClients(trial)
    const name = trial.name('counter')
    const answers = await together(20, async (index) => {
      const { counters } = index % 2 === 0 ? clients[0] : clients[1]
      return (await counters.add(name, 5, { operationId })).value
    })
    assert.deepEqual([...new Set(answers)], [5])
    assert.equal(await clients[0].counters.get(name), 5)
  },

  'operations/refusal': async (trial) => {
    const { counters } = await trial.client()
    const [name, full] = [trial.name('stock'), trial.name('full')]
    assert.equal(await counters.take(name, 3, { operationId }), null)
    await counters.set(full, Number.MAX_SAFE_INTEGER)
    await rejection(counters.add(full, 1, { operationId }), 'LOCKSTEP_OUT_OF_RANGE')
    await counters.set(name, 10)
    await counters.set(full, 0)
    assert.equal(await counters.take(name, 3, { operationId }), null)
    await rejection(counters.add(full, 1, { operationId }), 'LOCKSTEP_OUT_OF_RANGE')
    assert.deepEqual([await counters.get(name), await counters.get(full)], [10, 0])
  },

  'operations/other-change': async (trial) => {
    const { counters } = await trial.client()
    const [name, neighbour] = [trial.name('counter'), trial.name('neighbour')]
    await counters.add(name, 5, { min: 0, max: 9, operationId })
    const others = [
      counters.add(name, 4, { min: 0, max: 9, operationId }),
      counters.add(name, 5, { min: 1, max: 9, operationId }),
      counters.add(name, 5, { min: 0, operationId }),
      counters.addAll(
        [
          { name, delta: 5, min: 0, max: 9 },
          { name: neighbour, delta: 1 },
        ],
        { operationId },
      ),
    ]
    await rejections(others, 'LOCKSTEP_INVALID_ARGUMENT')
    assert.deepEqual([await counters.get(name), await counters.get(neighbour)], [5, 0])
  },

  'operations/same-change': async (trial) => {
    const state = await trial.client()
    const { counters } = state
    const name = trial.name('counter')
    const { stale, fresh } = await twoHolders(state, trial.name('lock'))
    await counters.add(name, 5, { operationId, fence: fresh })
    // The operation is on record, so the fence is not asked any more.
    const { value } = await counters.add(name, 5, { operationId, fence: stale, ttl: 5_000, timeout: 20_000 })
    assert.equal(value, 5)
    assert.equal(await counters.get(name), 5)
  },

  'operations/other-name': async (trial) => {
    const { counters } = await trial.client()
    const [name, elsewhere] = [trial.name('counter'), trial.name('elsewhere')]
    assert.equal((await counters.add(name, 5, { operationId })).value, 5)
    assert.equal((await counters.add(elsewhere, 7, { operationId })).value, 7)
    assert.equal((await counters.add(name, 1, { operationId: 'order 43' })).value, 6)
  },

  'operations/stale-token': async (trial) => {
    const state = await trial.client()
    const { counters } = state
    const name = trial.name('counter')
    const { stale, fresh } = await twoHolders(state, trial.name('lock'))
    await counters.get(name, { fence: fresh })
    await rejection(counters.add(name, 5, { operationId, fence: stale }), 'LOCKSTEP_STALE_TOKEN')
    assert.equal((await counters.add(name, 5, { operationId, fence: fresh })).value, 5)
  },

  'operations/addAll': async (trial) => {
    const [one, other] = await twoClients(trial)
    const [a, b, c, d] = [trial.name('a'), trial.name('b'), trial.name('c'), trial.name('d')]
    const transfer = [
      { name: a, delta: 1 },
      { name: b, delta: 2 },
    ]
    const applied = { applied: true, values: [1, 2] }
    assert.deepEqual(await one.counters.addAll(transfer, { operationId }), applied)
    assert.deepEqual(await other.counters.addAll(transfer, { operationId }), applied)
    const inOtherOrder = { applied: true, values: [2, 1] }
    assert.deepEqual(await one.counters.addAll(transfer.toReversed(), { operationId }), inOtherOrder)
    await rejection(one.counters.add(b, 2, { operationId }), 'LOCKSTEP_INVALID_ARGUMENT')
    const sharing = [
      { name: b, delta: 2 },
      { name: c, delta: 1 },
    ]
    await rejection(one.counters.addAll(sharing, { operationId }), 'LOCKSTEP_INVALID_ARGUMENT')
    const apart = [
      { name: c, delta: 3 },
      { name: d, delta: 4 },
    ]
    assert.deepEqual(await one.counters.addAll(apart, { operationId }), { applied: true, values: [3, 4] })
    assert.deepEqual(await Promise.all([a, b, c, d].map((name) => other.counters.get(name))), [1, 2, 3, 4])
  },
}
