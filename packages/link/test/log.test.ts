import assert from 'node:assert/strict'
import { histories, type Step, type TimedStep } from '@lockstep/conformance'
import { type Command, Engine, type SnapshotRecord, type Time } from '@lockstep/engine'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeCommand } from '../src/commands.ts'
import { batchEntry, changes, dropEntry, replayEntry, tickEntry } from '../src/log.ts'

const operationRetention = 5_000
const onOffer = (): void => {}

/** An engine, and another that is only told what a log would keep, now and then through a snapshot. */
class Pair {
  #time: Time = { now: 1_000, wall: 1_700_000_000_000_000 }
  readonly #options = { started: this.#time, onOffer, operationRetention }
  readonly #live = new Engine(this.#options)
  #replayed = new Engine(this.#options)
  #sequence = 0

  pass(milliseconds: number, microseconds: number, ticking: boolean): void {
    this.#time = { now: this.#time.now + milliseconds, wall: this.#time.wall + microseconds }
    if (!ticking) return
    this.#live.tick(this.#time)
    this.#replay(tickEntry(this.#time))
  }

  execute(client: string, step: Step): void {
    if (step.op === 'dropClient') {
      this.#live.dropClient(client, this.#time, step)
      this.#replay(dropEntry(client, step.keepLeases, this.#time))
      return
    }
    // What crossed a process border has no fields that are undefined.
    const command = JSON.parse(JSON.stringify('sequence' in step ? this.#number(step) : step)) as Command
    this.#live.execute(client, command, this.#time)
    if (changes(command)) this.#replay(batchEntry(client, JSON.stringify(encodeCommand(command)), this.#time))
  }

  /** The log begins anew with a snapshot. */
  compact(): void {
    const records = JSON.parse(JSON.stringify(this.#replayed.snapshot(this.#time))) as SnapshotRecord[]
    this.#replayed = Engine.restore(records, { ...this.#options, started: this.#time })
  }

  compare(): void {
    assert.deepEqual(comparable(this.#replayed.snapshot(this.#time)), comparable(this.#live.snapshot(this.#time)))
  }

  #replay(entry: string): void {
    replayEntry(this.#replayed, JSON.parse(entry))
  }

  #number<S extends Step>(step: S): S {
    this.#sequence++
    return { ...step, sequence: this.#sequence }
  }
}

/** In an order of its own, and of each client's records of a name the last, which is the one that counts, while it does. */
function comparable(records: readonly SnapshotRecord[]): string[] {
  const kept = new Map<string, SnapshotRecord>()
  for (const record of records) {
    if (record.kind === 'counterSequence' || record.kind === 'entrySequence') {
      const key = JSON.stringify([record.kind, record.client, record.name])
      if (record.expiresIn > 0) kept.set(key, record)
      else kept.delete(key)
    } else if (record.kind !== 'header') {
      kept.set(JSON.stringify(record), record)
    }
  }
  return [...kept.values()].map((record) => JSON.stringify(record)).toSorted()
}

function run(history: readonly TimedStep[], ticking: readonly boolean[], compactAt: readonly number[]): void {
  const pair = new Pair()
  for (const [index, { client, after, wallAfter, step }] of history.entries()) {
    pair.pass(after, wallAfter, ticking[index % ticking.length] ?? false)
    if (compactAt.includes(index)) pair.compact()
    pair.execute(client, step)
    pair.compare()
  }
}

test('what a log keeps, carried out again, makes the same engine, with ticks or without and through snapshots', () => {
  const circumstances = [
    fc.array(fc.boolean(), { minLength: 1 }),
    fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
  ] as const
  fc.assert(
    fc.property(histories, ...circumstances, (history, ticking, compactAt) => {
      expect(() => run(history, ticking, compactAt)).not.toThrow()
    }),
    { numRuns: 300 },
  )
})

test.each([[[0, 1, 1]], [[1, 1]], [[3, 1, 1, 'more']], [[1, 1, 1, 'c', [99]]], [{ kind: 1 }], [null]])(
  'no entry: %j',
  (entry) => {
    const engine = new Engine({ started: { now: 0, wall: 0 }, onOffer })
    expect(() => replayEntry(engine, entry)).toThrow(expect.objectContaining({ name: 'ProtocolError' }))
  },
)
