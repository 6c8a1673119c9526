import type { ClusterState } from '@lockstep/state'
import assert from 'node:assert/strict'
import { everyCall } from '../every-call.ts'
import { rejection } from '../expect.ts'
import type { Tests } from '../trial.ts'

const noDuration = [0, -1, Number.NaN, Infinity, 10.5, 2 ** 31, '1000', 10n, null] as number[]
const noAmount = [1.5, Number.NaN, Infinity, 2 ** 53, -(2 ** 53), '1', 1n, null, undefined] as number[]

async function allRefused(calls: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const call of calls) await rejection(call(), 'LOCKSTEP_INVALID_ARGUMENT')
}

/** Nothing of this name has come into being. */
async function assertUntouched({ locks, counters, entries }: ClusterState, name: string): Promise<void> {
  assert.equal((await locks.inspect(name)).held, false)
  assert.equal(await counters.get(name), 0)
  assert.equal(await entries.get(name), null)
}

export const argumentTests: Tests<'arguments'> = {
  'arguments/durations': async (trial) => {
    const state = await trial.client()
    const { locks, counters, entries } = state
    const name = trial.name('name')
    for (const ttl of noDuration) {
      await allRefused([
        () => locks.acquire(name, { ttl }),
        () => locks.tryAcquire(name, { ttl }),
        () => locks.using(name, { ttl }, () => assert.fail('not to be run')),
        () => locks.tryUsing(name, { ttl }, () => assert.fail('not to be run')),
        () => locks.lead(name, { ttl }, () => assert.fail('not to be run')),
        () => counters.add(name, 1, { ttl }),
        () => counters.set(name, 1, { ttl }),
        () => entries.set(name, 'value', { ttl }),
        () => entries.set(name, 'value', { maxLifetime: ttl }),
        () => entries.touch(name, ttl),
        () => entries.delete(name, { tombstone: ttl }),
      ])
    }
    for (const wait of noDuration.filter((value) => value !== 0))
      await allRefused([() => locks.acquire(name, { wait })])
    await assertUntouched(state, name)
    await using lease = await locks.acquire(trial.name('held'))
    for (const ttl of noDuration) await allRefused([() => lease.extend(ttl)])
    lease.assertHeld()
  },

  'arguments/amounts': async (trial) => {
    const state = await trial.client()
    const { counters, entries } = state
    const name = trial.name('name')
    for (const amount of noAmount) {
      await allRefused([
        () => counters.add(name, amount),
        () => counters.addAll([{ name, delta: amount }]),
        () => counters.set(name, amount),
        () => counters.compareAndSet(name, 0, amount),
        () => counters.compareAndSet(name, amount, 1),
        () => counters.add(name, 1, { fence: { name: 'lock', token: amount } }),
      ])
    }
    for (const amount of noAmount.filter((value) => value !== undefined)) {
      await allRefused([
        () => counters.take(name, amount),
        () => counters.add(name, 1, { min: amount }),
        () => counters.add(name, 1, { max: amount }),
        () => entries.set(name, 'value', { ifVersion: amount }),
      ])
    }
    await allRefused([() => counters.take(name, 0), () => counters.take(name, -1)])
    await assertUntouched(state, name)
  },

  'arguments/payloads': async (trial) => {
    const state = await trial.client()
    const { counters, entries } = state
    const name = trial.name('name')
    const twoMegabytes = 'x'.repeat(2 ** 21)
    for (const value of [undefined, null, 1, {}, Buffer.from('text'), '\ud800', twoMegabytes] as string[]) {
      await allRefused([() => entries.set(name, value)])
    }
    const cycle: unknown[] = []
    cycle.push(cycle)
    for (const value of [undefined, () => 1, 1n, cycle, twoMegabytes]) {
      await allRefused([() => entries.open<unknown>(name).set('', value)])
    }
    for (const operationId of ['', 5, null, 'a\0', 'x'.repeat(192)] as string[]) {
      await allRefused([
        () => counters.add(name, 1, { operationId }),
        () => counters.addAll([{ name, delta: 1 }], { operationId }),
      ])
    }
    await assertUntouched(state, name)
  },

  'arguments/timeout': async (trial) => {
    const state = await trial.client()
    const name = trial.name('name')
    for (const timeout of [...noDuration, 60_001]) {
      await allRefused(everyCall(state, name, { timeout }).map(({ make }) => make))
    }
    await assertUntouched(state, name)
    for (const { title, make } of everyCall(state, name, { timeout: 60_000 })) await assert.doesNotReject(make, title)
  },

  'arguments/explained': async (trial) => {
    const { locks, counters, entries } = await trial.client()
    const name = trial.name('name')
    const bell = '\u0007'
    const refusals: [Promise<unknown>, RegExp][] = [
      [locks.acquire(`${bell}${'x'.repeat(100)}`), /name.*control character.*\\u0007x/s],
      [counters.get('y'.repeat(500)), /name.*191 bytes.*y{20}/s],
      [locks.acquire(name, { ttl: -7 }), /ttl.*millisecond.*-7/s],
      [locks.acquire(name, { wait: Number.NaN }), /wait.*millisecond.*NaN/s],
      [counters.add(name, 0.25), /delta.*whole number.*0\.25/s],
      [counters.take(name, 2 ** 53), /\bn\b.*whole number.*9007199254740992/s],
      [entries.set(name, 3 as unknown as string), /value.*string.*3/s],
      [entries.get(name, { timeout: 99_999 }), /timeout.*60000.*99999/s],
    ]
    await Promise.all(
      refusals.map(async ([call, explanation]) => {
        const { message } = await rejection(call, 'LOCKSTEP_INVALID_ARGUMENT')
        assert.match(message, explanation)
        assert.doesNotMatch(message, /\p{Cc}|x{41}|y{41}/u, 'the value is escaped and cut')
      }),
    )
  },
}
