import { isStateError, type Connection, type CounterChange, type EntryChange } from '@lockstep/state'
import assert from 'node:assert/strict'
import { test } from 'vitest'
import { conformance, type PromiseId } from '../src/index.ts'
import { ModelStore } from './model-adapter.ts'

type Stores = Required<Pick<Connection, 'locks' | 'counters' | 'entries'>>

/** One fault of an otherwise correct store: what it does instead. */
type Fault = (stores: Stores) => { [Primitive in keyof Stores]?: Partial<Stores[Primitive]> }

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

/** A store that carries out other changes than it was asked for. */
function changing(edit: {
  counters?: (change: CounterChange) => CounterChange
  entries?: (change: EntryChange) => EntryChange
}): Fault {
  const { counters: editCounter = (change) => change, entries: editEntry = (change) => change } = edit
  return ({ counters, entries }) => ({
    counters: { apply: (list, call) => counters.apply({ ...list, changes: list.changes.map(editCounter) }, call) },
    entries: { apply: (list, call) => entries.apply({ ...list, changes: list.changes.map(editEntry) }, call) },
  })
}

/** A store that takes some names for others. */
function naming(fold: (name: string) => string): Fault {
  return ({ counters }) => ({
    counters: {
      apply: (list, call) => counters.apply({ ...list, name: fold(list.name) }, call),
      read: (name, fence, call) => counters.read(fold(name), fence, call),
    },
  })
}

const faults: [fault: string, caughtBy: PromiseId, Fault][] = [
  [
    'gives out the same token again',
    'locks/token-grows',
    ({ locks }) => ({
      locks: { acquire: async (request, call) => ({ ...(await locks.acquire(request, call)), token: 2 ** 52 }) },
    }),
  ],
  [
    'grants to everybody',
    'locks/exclusion',
    () => {
      let token = Date.now() * 1_000
      return { locks: { acquire: async ({ ttl }) => ({ granted: true, token: (token += 1), expiresIn: ttl }) } }
    },
  ],
  [
    'gives out small tokens',
    'locks/token-wall-clock',
    ({ locks }) => ({
      locks: { acquire: async (request, call) => ({ ...(await locks.acquire(request, call)), token: 7 }) },
    }),
  ],
  [
    'says it has extended a lease and has not',
    'leases/auto-extension',
    () => ({
      locks: { extend: async (requests) => requests.map(() => true) },
    }),
  ],
  ['keeps a waiter that was withdrawn', 'waiting/abort', () => ({ locks: { cancel: async () => {} } })],
  [
    'lets another client free a lock',
    'requests/forged-owner',
    () => ({
      locks: { release: async () => true, extend: async (requests) => requests.map(() => true) },
    }),
  ],
  [
    'extends a lease that has expired',
    'requests/expired',
    () => ({ locks: { extend: async (requests) => requests.map(() => true) } }),
  ],
  ['frees whatever is asked for together', 'requests/at-once', () => ({ locks: { release: async () => true } })],
  [
    'gives reserved tokens to others',
    'requests/reserved',
    ({ locks }) => {
      let token = Date.now() * 1_000
      return {
        locks: { acquire: async (request, call) => ({ ...(await locks.acquire(request, call)), token: (token += 1) }) },
      }
    },
  ],
  [
    'calls a change out of range a refusal',
    'counters/range-before-bounds',
    ({ counters }) => ({
      counters: {
        apply: async (list, call) => {
          const outcomes = await counters.apply(list, call)
          return outcomes.map((outcome) =>
            'code' in outcome ? { applied: false, value: 0, expiresIn: null } : outcome,
          )
        },
      },
    }),
  ],
  [
    'ignores bounds',
    'counters/never-oversold',
    changing({
      counters: (change) => (change.kind === 'add' ? { kind: 'add', delta: change.delta } : change),
    }),
  ],
  [
    'ignores bounds',
    'properties/histories',
    changing({
      counters: (change) => (change.kind === 'add' ? { kind: 'add', delta: change.delta } : change),
    }),
  ],
  [
    'counts a change twice',
    'counters/folding',
    ({ counters }) => ({
      counters: {
        apply: (list, call) =>
          counters.apply({ ...list, changes: list.changes.flatMap((change) => [change, change]) }, call),
      },
    }),
  ],
  [
    'ignores operation ids',
    'operations/repeat',
    changing({
      counters: (change) => (change.kind === 'add' ? { kind: 'add', delta: change.delta } : change),
    }),
  ],
  [
    'moves the end of a counter',
    'counters/ttl',
    ({ counters }) => ({
      counters: {
        apply: async (list, call) => {
          const outcomes = await counters.apply(list, call)
          return outcomes.map((outcome) => ('code' in outcome ? outcome : { ...outcome, expiresIn: 60_000 }))
        },
      },
    }),
  ],
  ['ignores fences of writes', 'fencing/counters', changing({ counters: ({ fence: _fence, ...change }) => change })],
  [
    'ignores fences of reads',
    'fencing/reads',
    ({ entries }) => ({
      entries: { read: (name, _fence, call) => entries.read(name, undefined, call) },
    }),
  ],
  [
    'returns expired entries',
    'entries/expiry',
    ({ entries }) => {
      const cache = new Map<string, Awaited<ReturnType<Stores['entries']['read']>>>()
      return {
        entries: {
          read: async (name, fence, call) => {
            const entry = await entries.read(name, fence, call)
            if (entry !== null) cache.set(name, entry)
            return entry ?? cache.get(name) ?? null
          },
        },
      }
    },
  ],
  [
    'leaves no tombstones',
    'entries/tombstone',
    changing({
      entries: (change) => (change.kind === 'delete' ? { kind: 'delete' } : change),
    }),
  ],
  [
    'ignores ifVersion',
    'properties/model',
    changing({
      entries: (change) => (change.kind === 'set' ? { kind: 'set', value: change.value } : change),
    }),
  ],
  ['takes upper case for lower case', 'names/kept-apart', naming((name) => name.toLowerCase())],
  ['cuts trailing spaces', 'names/kept-apart', naming((name) => name.trimEnd())],
  [
    'separates names by a colon',
    'names/compound',
    ({ counters }) => ({
      counters: {
        apply: (list, call) =>
          counters.apply(
            {
              ...list,
              name: 'x',
              changes: list.changes.map((change) =>
                'operationId' in change ? { ...change, operationId: `${list.name}:${change.operationId}` } : change,
              ),
            },
            call,
          ),
      },
    }),
  ],
]

test.each(faults)('a store that %s is caught by %s', async (_fault, id, fault) => {
  await assert.rejects(run(id, fault), (error: Error) => {
    // A property wraps what it found; the store may also be caught in a refusal.
    const found = error.cause ?? error
    return found instanceof assert.AssertionError || isStateError(found)
  })
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
