import { isStateError, type Connection } from '@lockstep/state'
import assert from 'node:assert/strict'
import { test } from 'vitest'
import { conformance, promises, type PromiseGroup, type PromiseId } from '../src/index.ts'
import { counterFaults } from './faults/counters.ts'
import { entryFaults } from './faults/entries.ts'
import type { Fault } from './faults/fault.ts'
import { fenceFaults } from './faults/fences.ts'
import { lockFaults } from './faults/locks.ts'
import { nameFaults } from './faults/names.ts'
import { operationFaults } from './faults/operations.ts'
import { waitingFaults } from './faults/waiting.ts'
import { ModelStore } from './model-adapter.ts'

/** Runs the test of one promise against a store with a fault. */
async function run(id: PromiseId, fault: Fault): Promise<void> {
  const store = new ModelStore()
  const adapter = { name: 'faulty', connect: async () => spoil(store.connect(), fault) }
  const tests = new Map<string, () => Promise<void>>()
  conformance({ test: (title, body) => tests.set(title.slice(0, title.indexOf(': ')), body), adapter: () => adapter })
  const body = tests.get(id)
  assert.ok(body !== undefined)
  await body()
}

function spoil(connection: Connection, fault: Fault): Connection {
  const { locks, counters, entries } = connection
  assert.ok(locks !== undefined && counters !== undefined && entries !== undefined)
  const spoilt = fault({ locks, counters, entries })
  return {
    ...connection,
    locks: { ...locks, ...spoilt.locks },
    counters: { ...counters, ...spoilt.counters },
    entries: { ...entries, ...spoilt.entries },
  }
}

const faults = [
  ...lockFaults,
  ...waitingFaults,
  ...counterFaults,
  ...entryFaults,
  ...fenceFaults,
  ...operationFaults,
  ...nameFaults,
]
const pairs = faults.flatMap(([fault, caughtBy, spoilt]) =>
  caughtBy.map((id): [string, PromiseId, Fault] => [fault, id, spoilt]),
)

const above = '@lockstep/state keeps it, whatever the adapter does; its own tests would see it broken'
const notMade = 'the model, of which the faulty stores are made, does not promise safeRetry: always'

/** The promises that no faulty store can break, and why. */
const unbroken: Partial<Record<PromiseId | PromiseGroup, string>> = {
  arguments: above,
  calls: above,
  'names/refused': above,
  'leases/signal': above,
  'leases/resumed-holder': above,
  'using/lost': above,
  'using/error-when-lost': above,
  'addAll/name-twice': above,
  'lifecycle/capabilities': above,
  'lifecycle/health': above,
  'lifecycle/close-refuses': above,
  'lifecycle/close-waiters': above,
  'lifecycle/close-releases': above,
  'lifecycle/close-leads': above,
  'requests/repeated-list': notMade,
  'requests/too-late': notMade,
}

function isExcused(id: string): boolean {
  return id in unbroken || id.slice(0, id.indexOf('/')) in unbroken
}

test.each(pairs)('a store that %s is caught by %s', async (_fault, id, fault) => {
  await assert.rejects(run(id, fault), (error: Error) => {
    // A property wraps what it found; the store may also be caught in a refusal.
    const found = error.cause ?? error
    return found instanceof assert.AssertionError || isStateError(found)
  })
})

test('every promise catches a faulty store, or there is a reason why it cannot', () => {
  const caught = new Set<string>(pairs.map(([, id]) => id))
  assert.deepEqual(
    Object.keys(promises).filter((id) => caught.has(id) === isExcused(id)),
    [],
  )
})

test('a promise that is not made is reported and not tested', async () => {
  const titles: string[] = []
  const bodies: Promise<void>[] = []
  conformance({
    test: (title, body) => {
      titles.push(title)
      if (title.startsWith('requests/')) bodies.push(body())
    },
    adapter: () => assert.fail('not to be opened'),
    without: ['requests', 'counters/folding'],
  })
  await Promise.all(bodies)
  assert.equal(bodies.length, 10)
  assert.equal(titles.filter((title) => title.includes('not promised by this adapter')).length, 11)
})
