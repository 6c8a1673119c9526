import {
  isFailure,
  monotonic,
  type AcquireAnswer,
  type Call,
  type ChangeList,
  type CounterChange,
  type CounterStore,
  type EntryChange,
  type EntryStore,
  type LockStore,
} from '@lockstep/state'
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { assertLeft } from '../expect.ts'
import { tokenOfNow } from '../holders.ts'
import type { Tests, Trial } from '../trial.ts'

// What `state` never shows is asked of the adapter itself.

const request = { ttl: 20_000, wait: 20_000, reserve: 0 }

function soon(): Call {
  return { deadline: monotonic() + 5_000 }
}

async function lockStore(trial: Trial): Promise<LockStore> {
  const { locks } = await trial.connection()
  assert.ok(locks !== undefined)
  locks.listen({ offered: () => {}, lost: () => {} })
  return locks
}

/**
 * The counters of an adapter that promises to sort out repeats, else nothing. A store that answers at once never sees a
 * repeat or a late request.
 */
async function retriedCounters(trial: Trial): Promise<CounterStore | undefined> {
  const { counters, capabilities } = await trial.connection()
  assert.ok(counters !== undefined && capabilities.counters !== false)
  return capabilities.counters.safeRetry === 'always' && counters.immediate !== true ? counters : undefined
}

async function entryStore(trial: Trial): Promise<EntryStore> {
  const { entries } = await trial.connection()
  assert.ok(entries !== undefined)
  return entries
}

function addOne(name: string, sequence: number): ChangeList<CounterChange> {
  return { name, sequence, changes: [{ kind: 'add', delta: 1 }] }
}

function setUnder(token: number, value: string): EntryChange {
  return { kind: 'set', value, fence: { name: 'lock', token } }
}

function tokensOf(answers: readonly AcquireAnswer[]): number[] {
  return answers.flatMap((answer) => (answer.granted ? answer.token : []))
}

export const requestTests: Tests<'requests'> = {
  'requests/same-grant': async (trial) => {
    const locks = await lockStore(trial)
    const name = trial.name('lock')
    const asked = { name, owner: 'a', ...request }
    const first = await locks.acquire(asked, soon())
    const second = await locks.acquire(asked, soon())
    assert.ok(first.granted && second.granted)
    assert.equal(second.token, first.token)
    assertLeft(second.expiresIn, first.expiresIn)
    assert.equal(await locks.release({ name, owner: 'a' }, soon()), true)
    assert.equal((await locks.inspect(name, soon())).held, false)
  },

  'requests/same-place': async (trial) => {
    const { locks, capabilities } = await trial.connection()
    assert.ok(locks !== undefined && capabilities.locks !== false)
    locks.listen({ offered: () => {}, lost: () => {} })
    const name = trial.name('lock')
    assert.equal((await locks.acquire({ name, owner: 'a', ...request }, soon())).granted, true)
    const places: number[] = []
    for (const owner of ['b', 'c', 'b', 'c']) {
      const answer = await locks.acquire({ name, owner, ...request }, soon())
      assert.ok(!answer.granted)
      assertLeft(answer.expiresIn, request.ttl)
      places.push(answer.place)
    }
    assert.deepEqual(places, capabilities.locks.fair === 'process' ? [0, 0, 0, 0] : [1, 2, 1, 2])
  },

  'requests/forged-owner': async (trial) => {
    const [mine, theirs] = [await lockStore(trial), await lockStore(trial)]
    const name = trial.name('lock')
    const grant = await mine.acquire({ name, owner: 'a', ...request }, soon())
    assert.ok(grant.granted)
    const forged = { name, owner: 'b' }
    for (const locks of [mine, theirs]) {
      assert.equal(await locks.release(forged, soon()), false)
      assert.deepEqual(await locks.extend([{ ...forged, ttl: 60_000 }], soon()), [false])
      await locks.cancel(forged, soon())
    }
    const { token, expiresIn } = await theirs.inspect(name, soon())
    assert.equal(token, grant.token)
    assertLeft(expiresIn, request.ttl)
  },

  'requests/expired': async (trial) => {
    const locks = await lockStore(trial)
    const id = { name: trial.name('lock'), owner: 'a' }
    assert.equal((await locks.acquire({ ...id, ...request, ttl: 50 }, soon())).granted, true)
    // It has to expire, by the clock of the store.
    await setTimeout(100)
    assert.deepEqual(await locks.extend([{ ...id, ttl: 60_000 }], soon()), [false])
    assert.equal(await locks.release(id, soon()), false)
    assert.equal((await locks.inspect(id.name, soon())).held, false)
  },

  'requests/at-once': async (trial) => {
    const [mine, theirs] = [await lockStore(trial), await lockStore(trial)]
    const names = ['one', 'two', 'three'].map((label) => trial.name(label))
    const ask = (locks: LockStore, owner: string): Promise<AcquireAnswer[]> =>
      Promise.all(names.map((name) => locks.acquire({ name, owner, ...request, wait: 0 }, soon())))
    const release = (locks: LockStore, owner: string): Promise<boolean[]> =>
      Promise.all(names.map((name) => locks.release({ name, owner }, soon())))
    const refused = [false, false, false]
    const first = tokensOf(await ask(mine, 'a'))
    assert.equal(first.length, 3)
    assert.deepEqual(await Promise.all([release(theirs, 'b'), release(mine, 'b')]), [refused, refused])
    assert.deepEqual(tokensOf([...(await ask(theirs, 'c')), ...(await ask(mine, 'c'))]), [])
    const standing = await Promise.all(names.map((name) => theirs.inspect(name, soon())))
    assert.deepEqual(
      standing.map(({ token }) => token),
      first,
    )
    assert.deepEqual(await release(mine, 'a'), [true, true, true])
    const second = tokensOf(await ask(theirs, 'c'))
    assert.equal(second.filter((token, index) => token > (first[index] ?? Infinity)).length, 3)
  },

  'requests/reserved': async (trial) => {
    const [mine, theirs] = [await lockStore(trial), await lockStore(trial)]
    const name = trial.name('lock')
    const reserve = 8
    const grant = await mine.acquire({ name, owner: 'a', ...request, reserve }, soon())
    await mine.release({ name, owner: 'a' }, soon())
    const next = await theirs.acquire({ name, owner: 'b', ...request }, soon())
    assert.ok(grant.granted && next.granted)
    assert.ok(next.token > grant.token + reserve, `${next.token} follows ${grant.token} with ${reserve} reserved`)
  },

  'requests/cancel': async (trial) => {
    const locks = await lockStore(trial)
    const name = trial.name('lock')
    assert.equal((await locks.acquire({ name, owner: 'unwanted', ...request }, soon())).granted, true)
    await locks.cancel({ name, owner: 'unwanted' }, soon())
    assert.equal((await locks.acquire({ name, owner: 'a', ...request }, soon())).granted, true)
    assert.equal((await locks.acquire({ name, owner: 'withdrawn', ...request }, soon())).granted, false)
    await locks.cancel({ name, owner: 'withdrawn' }, soon())
    assert.equal(await locks.release({ name, owner: 'a' }, soon()), true)
    // Were the withdrawn waiter offered the lock, this would be refused.
    assert.equal((await locks.acquire({ name, owner: 'b', ttl: 20_000, wait: 0, reserve: 0 }, soon())).granted, true)
  },

  'requests/repeated-list': async (trial) => {
    const counters = await retriedCounters(trial)
    if (counters === undefined) return
    const name = trial.name('counter')
    const [first] = await counters.apply(addOne(name, 1), soon())
    assert.deepEqual(await counters.apply(addOne(name, 1), soon()), [first])
    assert.equal(await counters.read(name, undefined, soon()), 1)
    await counters.apply(addOne(name, 2), soon())
    // An older list has lost its record: it is refused, as a whole or in its place.
    const [older] = await counters.apply(addOne(name, 1), soon()).catch(() => [undefined])
    assert.ok(older === undefined || isFailure(older))
    assert.equal(await counters.read(name, undefined, soon()), 2)
    const all = { sequence: 3, changes: [{ name, delta: 10 }] }
    assert.deepEqual(await counters.applyAll(all, soon()), await counters.applyAll(all, soon()))
    assert.equal(await counters.read(name, undefined, soon()), 12)
  },

  'requests/too-late': async (trial) => {
    const counters = await retriedCounters(trial)
    if (counters === undefined) return
    const name = trial.name('counter')
    await counters.apply(addOne(name, 1), soon())
    const late = counters.apply(addOne(name, 2), { deadline: monotonic() - 1_000 })
    await Promise.race([late.catch(() => {}), setTimeout(200)])
    assert.equal(await counters.read(name, undefined, soon()), 1)
  },

  'requests/refusals-in-place': async (trial) => {
    const entries = await entryStore(trial)
    const name = trial.name('entry')
    const token = tokenOfNow()
    const changes = [setUnder(token, 'first'), setUnder(token - 1, 'stale'), setUnder(token, 'last')]
    const outcomes = await entries.apply({ name, sequence: 1, changes }, soon())
    assert.deepEqual(
      outcomes.map((outcome) => (isFailure(outcome) ? outcome.code : outcome.applied)),
      [true, 'LOCKSTEP_STALE_TOKEN', true],
    )
    assert.equal((await entries.read(name, undefined, soon()))?.value, 'last')
  },
}
