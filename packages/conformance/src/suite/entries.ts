import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { assertLeft, together, twoClients } from '../expect.ts'
import type { Tests } from '../trial.ts'

/** Long enough to read the entry on a slow machine, short enough to wait for. */
const ttl = 500
/** After this, what had `ttl` to live is over by the clock of the store. */
const over = ttl + 50

export const entryTests: Tests<'entries'> = {
  'entries/absent': async (trial) => {
    const { entries } = await trial.client()
    const name = trial.name('entry')
    assert.equal(await entries.get(name), null)
    assert.equal(await entries.touch(name, 1_000), false)
    assert.equal(await entries.delete(name), false)
    assert.deepEqual(await entries.set(name, 'text', { ifVersion: 1 }), { applied: false, version: 0 })
    assert.equal(await entries.get(name), null)
  },

  'entries/set': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('entry')
    const { applied, version } = await one.entries.set(name, 'text')
    assert.equal(applied, true)
    for (const { entries } of [one, other]) {
      assert.deepEqual(await entries.get(name), { value: 'text', version, expiresIn: null })
    }
  },

  'entries/version': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('entry')
    // The clock of the store may differ from ours: a minute is more than any machine with a time service is off.
    let last = (Date.now() - 60_000) * 1_000
    for (const { entries } of [one, other, other, one]) {
      const { version } = await entries.set(name, 'text')
      assert.ok(version > last && Number.isSafeInteger(version), `${version} follows ${last}`)
      last = version
    }
  },

  'entries/version-after-delete': async (trial) => {
    const { entries } = await trial.client()
    const name = trial.name('entry')
    const first = await entries.set(name, 'text')
    await entries.delete(name)
    const second = await entries.set(name, 'text')
    assert.ok(second.version > first.version)
    const late = await entries.set(name, 'late', { ifVersion: first.version })
    assert.deepEqual(late, { applied: false, version: second.version })
  },

  'entries/if-version': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('entry')
    const first = await one.entries.set(name, 'first', { ifVersion: 0 })
    assert.equal(first.applied, true)
    const { version } = first
    assert.deepEqual(await other.entries.set(name, 'second', { ifVersion: 0 }), { applied: false, version })
    const second = await other.entries.set(name, 'second', { ifVersion: version })
    assert.equal(second.applied, true)
    const refused = { applied: false, version: second.version }
    assert.deepEqual(await one.entries.set(name, 'third', { ifVersion: version }), refused)
    assert.equal((await one.entries.get(name))?.value, 'second')
  },

  'entries/one-winner': async (trial) => {
    const clients = await twoClients(trial)
    const name = trial.name('entry')
    for (const present of [false, true]) {
      const seen = await clients[0].entries.get(name)
      assert.equal(seen !== null, present)
      const outcomes = await together(20, (index) => {
        const { entries } = index % 2 === 0 ? clients[0] : clients[1]
        return entries.set(name, `writer ${index}`, { ifVersion: seen?.version ?? 0 })
      })
      const winners = outcomes.flatMap(({ applied }, index) => (applied ? [index] : []))
      assert.equal(winners.length, 1)
      assert.equal((await clients[1].entries.get(name))?.value, `writer ${winners[0]}`)
    }
  },

  'entries/expiry': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('entry')
    const { version } = await one.entries.set(name, 'text', { ttl })
    for (const { entries } of [one, other]) assertLeft((await entries.get(name))?.expiresIn ?? null, ttl)
    await setTimeout(over)
    for (const { entries } of [one, other]) {
      assert.equal(await entries.get(name), null)
      assert.equal(await entries.touch(name, 1_000), false)
      assert.equal(await entries.delete(name), false)
    }
    const renewed = await other.entries.set(name, 'renewed', { ifVersion: 0 })
    assert.ok(renewed.applied && renewed.version > version)
  },

  'entries/set-ttl': async (trial) => {
    const { entries } = await trial.client()
    const name = trial.name('entry')
    await entries.set(name, 'text', { ttl: 60_000 })
    await entries.set(name, 'text', { ttl: 20_000 })
    assertLeft((await entries.get(name))?.expiresIn ?? null, 20_000)
    await entries.set(name, 'text')
    assert.equal((await entries.get(name))?.expiresIn, null)
  },

  'entries/touch': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('entry')
    const { version } = await one.entries.set(name, 'text', { ttl })
    assert.equal(await other.entries.touch(name, 60_000), true)
    // Without the touch the entry would be over by then.
    await setTimeout(over)
    const entry = await one.entries.get(name)
    assert.deepEqual([entry?.value, entry?.version], ['text', version])
    assertLeft(entry?.expiresIn ?? null, 60_000)
  },

  'entries/max-lifetime': async (trial) => {
    const { entries } = await trial.client()
    const name = trial.name('entry')
    await entries.set(name, 'text', { ttl: 60_000, maxLifetime: ttl })
    assertLeft((await entries.get(name))?.expiresIn ?? null, ttl)
    await entries.touch(name, 60_000)
    await entries.set(name, 'second', { ttl: 60_000, maxLifetime: 60_000 })
    await entries.set(name, 'third')
    assertLeft((await entries.get(name))?.expiresIn ?? null, ttl)
    await setTimeout(over)
    assert.equal(await entries.get(name), null)
    await entries.set(name, 'a new one')
    assert.equal((await entries.get(name))?.expiresIn, null)
  },

  'entries/delete': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('entry')
    await one.entries.set(name, 'text')
    assert.equal(await other.entries.delete(name), true)
    assert.equal(await one.entries.delete(name), false)
    assert.equal(await one.entries.get(name), null)
  },

  'entries/tombstone': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('entry')
    const { version } = await one.entries.set(name, 'text')
    assert.equal(await one.entries.delete(name, { tombstone: ttl }), true)
    assert.equal(await other.entries.delete(name, { tombstone: 1 }), false)
    for (const ifVersion of [undefined, 0, version]) {
      assert.deepEqual(await other.entries.set(name, 'late', { ifVersion }), { applied: false, version: 0 })
    }
    assert.equal(await other.entries.get(name), null)
    // The later tombstone was shorter and ended nothing early; now the first has to end.
    await setTimeout(over)
    const next = await other.entries.set(name, 'next')
    assert.ok(next.applied && next.version > version)
  },

  'entries/text': async (trial) => {
    const [one, other] = await twoClients(trial)
    const texts = [
      '',
      ' ',
      'a ',
      '\0',
      '\r\n',
      'ä\u0308',
      '👩‍💻',
      '\u2028',
      '\ufeffa',
      '\uffff',
      '"\\"',
      'null',
      '__proto__',
    ]
    await Promise.all(texts.map((text, index) => one.entries.set(trial.name(`${index}`), text)))
    const read = await Promise.all(texts.map((_, index) => other.entries.get(trial.name(`${index}`))))
    assert.deepEqual(
      read.map((entry) => entry?.value),
      texts,
    )
  },

  'entries/large': async (trial) => {
    const [one, other] = await twoClients(trial)
    const name = trial.name('entry')
    const value = 'é0123456'.repeat(1_000_000 / 9)
    await one.entries.set(name, value)
    assert.ok((await other.entries.get(name))?.value === value)
  },

  'entries/open': async (trial) => {
    const [one, other] = await twoClients(trial)
    const carts = one.entries.open<{ items: string[] }>(trial.name('cart:'), { ttl: 60_000 })
    const elsewhere = other.entries.open<string>(trial.name('note:'))
    const { version } = await carts.set('42', { items: ['ä', '"'] })
    await elsewhere.set('42', 'a note')
    const cart = await carts.get('42')
    assert.deepEqual([cart?.value, cart?.version], [{ items: ['ä', '"'] }, version])
    assertLeft(cart?.expiresIn ?? null, 60_000)
    assert.equal((await elsewhere.get('42'))?.value, 'a note')
    assert.equal((await carts.set('42', { items: [] }, { ifVersion: 0 })).applied, false)
    assert.equal(await carts.touch('42', 20_000), true)
    assert.equal(await carts.delete('42'), true)
    assert.equal(await carts.get('42'), null)
  },
}
