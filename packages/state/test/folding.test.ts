import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { CapacityError, Counters, OutcomeUnknownError, Turn, UnavailableError } from '@lockstep/state'
import { HeldCounterStore } from './fake-store.ts'

const capabilities = { addAll: 'any', safeRetry: 'always', fence: true } as const

function counters(): { store: HeldCounterStore; counters: Counters } {
  const store = new HeldCounterStore()
  return { store, counters: new Counters(store, capabilities, new Turn()) }
}

test('changes of one turn and name travel as one list, and each caller gets its own exact answer', async () => {
  const { store, counters: c } = counters()
  const answers = Promise.all([c.add('a', 1), c.add('a', 2), c.add('b', 5), c.add('a', 3)])
  await turn()
  expect(store.lists.map(({ name, changes }) => [name, changes.length])).toEqual([
    ['a', 3],
    ['b', 1],
  ])
  store.answer()
  store.answer()
  expect((await answers).map((answer) => answer.value)).toEqual([1, 3, 5, 6])
})

test('a name has one list under way; what comes meanwhile joins the next, with a greater sequence', async () => {
  const { store, counters: c } = counters()
  const first = c.add('a', 1)
  await turn()
  const second = c.add('a', 1)
  const third = c.add('a', 1)
  await turn()
  expect(store.lists).toHaveLength(1)
  store.answer()
  await first
  await turn()
  expect(store.lists).toHaveLength(2)
  expect(store.lists[1]?.changes).toHaveLength(2)
  expect(store.lists[1]?.sequence).toBeGreaterThan(store.lists[0]?.sequence ?? 0)
  store.answer()
  expect((await Promise.all([second, third])).map((answer) => answer.value)).toEqual([2, 3])
})

test('a request over several names waits until all of them are free, and keeps their order', async () => {
  const { store, counters: c } = counters()
  const before = c.add('a', 1)
  await turn()
  const together = c.addAll([
    { name: 'a', delta: 1 },
    { name: 'b', delta: 1 },
  ])
  const after = c.add('b', 1)
  await turn()
  expect(store.waiting).toBe(1) // only the first change of a is under way
  store.answer()
  await before
  await turn()
  expect(store.waiting).toBe(1) // now the request over both
  expect(store.lists).toHaveLength(1)
  store.answer()
  await together
  await turn()
  expect(store.lists.map((list) => list.name)).toEqual(['a', 'b'])
  store.answer()
  await after
})

test('a change that was sent and not answered in time is unknown, one that was not sent is not applied', async () => {
  const { store, counters: c } = counters()
  const sent = c.add('a', 1, { timeout: 30 })
  const outcome = sent.catch((error: unknown) => error)
  await turn()
  const behind = c.add('a', 1, { timeout: 10 })
  await expect(behind).rejects.toBeInstanceOf(UnavailableError)
  expect(await outcome).toBeInstanceOf(OutcomeUnknownError)
  // The list of the first is over by its deadline, so the name is free again though the store never answered.
  const next = c.add('a', 1)
  await turn()
  expect(store.lists.map((list) => list.changes.length)).toEqual([1, 1])
  store.answer()
  store.answer()
  await next
})

test('a later call does not inherit the shorter rest of an earlier one', async () => {
  const { store, counters: c } = counters()
  const first = c.add('a', 1, { timeout: 10_000 })
  await turn()
  const early = c.add('a', 1, { timeout: 60 })
  const outcome = early.catch((error: unknown) => error)
  await new Promise((resolve) => setTimeout(resolve, 40)) // most of the timeout of the first
  const late = c.add('a', 1, { timeout: 60 })
  expect(await outcome).toBeInstanceOf(UnavailableError)
  store.answer()
  await first
  await turn()
  store.answer()
  expect((await late).value).toBe(2)
})

test('an aborted change that was not sent is never sent, and rejects with the reason', async () => {
  const { store, counters: c } = counters()
  const abort = new AbortController()
  const aborted = c.add('a', 1, { signal: abort.signal })
  const kept = c.add('a', 5)
  abort.abort(new Error('changed my mind'))
  await expect(aborted).rejects.toThrow('changed my mind')
  await turn()
  expect(store.lists[0]?.changes).toEqual([{ kind: 'add', delta: 5 }])
  store.answer()
  await kept
})

test('a flood is refused above the bound before anything is sent, and the rest is answered', async () => {
  const { store, counters: c } = counters()
  const calls = Array.from({ length: 50_010 }, () => c.add('a', 1))
  const refused = (await Promise.allSettled(calls.slice(50_000))).map(
    (call) => call.status === 'rejected' && call.reason,
  )
  expect(refused.every((reason) => reason instanceof CapacityError)).toBe(true)
  const answers = Promise.all(calls.slice(0, 50_000))
  while (store.waiting > 0 || store.lists.length < 98) {
    await turn()
    store.answer()
  }
  expect((await answers).at(-1)?.value).toBe(50_000)
})

test('close resolves when everything under way is answered, and takes no more', async () => {
  const { store, counters: c } = counters()
  const last = c.add('a', 1)
  const closed = c.close()
  await expect(c.add('a', 1)).rejects.toMatchObject({ code: 'LOCKSTEP_CLOSED' })
  await turn()
  store.answer()
  await last
  await closed
})
