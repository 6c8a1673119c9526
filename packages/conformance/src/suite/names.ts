import assert from 'node:assert/strict'
import { rejection, twoClients } from '../expect.ts'
import { everyCall } from '../every-call.ts'
import { tokenOfNow } from '../holders.ts'
import type { Tests } from '../trial.ts'

/** Names that a careless key, collation or pattern takes for one another. */
const alike = [
  ['a', 'A', 'ä', 'Ä', 'a\u0308', 'ａ'],
  ['a ', 'a  ', ' a', 'a\u00a0', 'a\u200b', 'a.'],
  ['ß', 'ss', 'ı', 'i', 'İ', 'I', 'ﬁ', 'fi'],
  ['a:b', 'a::b', 'a%3Ab', 'a/b', 'a\\b', 'a_b', 'a%', 'a*', 'a?', '[a]'],
  ['0', '00', '0.0', '-0', '1e0', '1', 'null', 'undefined', 'true'],
  ['🔒', '🔓', '👩‍💻', '👩', 'שלום', 'مرحبا', '\u202eabc', 'abc', '中', "'a'", '"a"', '`a`', '$a', '#a'],
].flat()

const wordsOfTheLanguage = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', '{}', '}{']

const refused: readonly unknown[] = [
  ['', 'a\0', '\n', 'a\tb', 'a\r\nFLUSHALL', '\u007f', 'a\ud800', '\udc00a', 'a'.repeat(192), 'é'.repeat(96)],
  [undefined, null, 42, {}, ['a']],
].flat()

export const nameTests: Tests<'names'> = {
  'names/kept-apart': async (trial) => {
    const [one, other] = await twoClients(trial)
    const all = alike.map((text) => trial.name(text))
    const leases = await Promise.all(all.map((name) => one.locks.tryAcquire(name)))
    assert.deepEqual(
      alike.filter((_, index) => leases[index] === null),
      [],
      'each name has a lock of its own',
    )
    await Promise.all(all.flatMap((name, index) => [one.counters.set(name, index), one.entries.set(name, `v${index}`)]))
    assert.deepEqual(await Promise.all(all.map((name) => other.counters.get(name))), [...all.keys()])
    const values = await Promise.all(all.map(async (name) => (await other.entries.get(name))?.value))
    assert.deepEqual(
      values,
      all.map((_, index) => `v${index}`),
    )
  },

  'names/words-of-the-language': async (trial) => {
    const [one, other] = await twoClients(trial)
    // These names are magic only as they are, without the prefix of this trial; so they may be left over from an
    // earlier run.
    for (const [index, name] of wordsOfTheLanguage.entries()) {
      await one.counters.delete(name)
      await one.entries.delete(name)
      assert.equal((await one.counters.add(name, 1 + index)).value, 1 + index)
      assert.equal((await one.entries.set(name, name)).applied, true)
      assert.equal(await one.locks.using(name, () => 'inside'), 'inside')
    }
    for (const [index, name] of wordsOfTheLanguage.entries()) {
      assert.equal(await other.counters.get(name), 1 + index)
      assert.equal((await other.entries.get(name))?.value, name)
      assert.equal(await other.counters.delete(name), true)
      assert.equal(await other.entries.delete(name), true)
    }
    assert.deepEqual(Object.keys(Object.prototype), [])
  },

  'names/compound': async (trial) => {
    const { counters, entries } = await trial.client()
    const token = tokenOfNow()
    const [short, long] = [trial.name('a'), trial.name('a:b')]
    await counters.get(short, { fence: { name: 'b:c', token: token + 1 } })
    await entries.get(short, { fence: { name: 'b:c', token: token + 1 } })
    assert.equal(await counters.get(long, { fence: { name: 'c', token } }), 0)
    assert.equal(await entries.get(long, { fence: { name: 'c', token } }), null)
    assert.equal((await counters.add(short, 1, { operationId: 'b:o' })).value, 1)
    assert.equal((await counters.add(long, 5, { operationId: 'o' })).value, 5)
  },

  'names/primitives-apart': async (trial) => {
    const { locks, counters, entries } = await trial.client()
    const name = trial.name('one')
    await using lease = await locks.acquire(name)
    await counters.set(name, 7)
    assert.equal((await entries.set(name, 'text', { ifVersion: 0 })).applied, true)
    assert.equal(await entries.delete(name), true)
    assert.equal(await counters.get(name), 7)
    assert.equal(await counters.delete(name), true)
    assert.equal((await locks.inspect(name)).token, lease.token)
  },

  'names/longest': async (trial) => {
    const state = await trial.client()
    const start = trial.name('')
    const room = 191 - Buffer.byteLength(start)
    for (const filling of ['x'.repeat(room), 'é'.repeat((room - 1) / 2) + 'x'.repeat(1 + ((room - 1) % 2))]) {
      for (const { title, make } of everyCall(state, `${start}${filling}`)) await assert.doesNotReject(make, title)
      for (const { make } of everyCall(state, `${start}${filling}x`))
        await rejection(make(), 'LOCKSTEP_INVALID_ARGUMENT')
    }
  },

  'names/refused': async (trial) => {
    const state = await trial.client()
    for (const name of refused) {
      for (const { make } of everyCall(state, name as string)) await rejection(make(), 'LOCKSTEP_INVALID_ARGUMENT')
    }
  },
}
