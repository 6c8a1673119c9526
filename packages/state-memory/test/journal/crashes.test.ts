import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Engine, type SnapshotRecord, type Time } from '@lockstep/engine'
import { temporaryFolder } from '@lockstep/testing/tmp'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scratch, bytesOf, plant, type Step } from './scratch.ts'
import { steps } from './steps.ts'

const onOffer = (): void => {}

/** What was known, as a process has to know it that starts at `started`. */
function restarted(records: readonly SnapshotRecord[], started: Time): SnapshotRecord[] {
  const engine = Engine.restore(records, { started, onOffer })
  engine.dropAllClients(started, { keepLeases: true })
  return engine.snapshot(started)
}

/** Without the order, and of a client's records of a name the last: the one that counts. */
function comparable(records: readonly SnapshotRecord[]): string[] {
  const kept = new Map<string, string>()
  for (const record of records) {
    const json = JSON.stringify(record)
    if (record.kind !== 'counterSequence' && record.kind !== 'entrySequence') kept.set(json, json)
    else if (record.expiresIn > 0) kept.set(JSON.stringify([record.kind, record.client, record.name]), json)
  }
  return [...kept.values()].toSorted()
}

/** Perform the steps; answers with what was known at each size of the file. */
async function played(scratch: Scratch, history: readonly Step[]): Promise<Map<number, SnapshotRecord[]>> {
  const known = new Map([[scratch.size, scratch.snapshot()]])
  for (const step of history) {
    expect(scratch.perform(step)).toBeUndefined()
    known.set(scratch.size, scratch.snapshot())
  }
  return known
}

test('cut at any byte, a journal restores exactly what its whole records say', async () => {
  await using folder = await temporaryFolder()
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.nat({ max: 5_000 }),
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      async (history, pause, cuts) => {
        const base = join(folder.path, `${run++}`)
        const scratch = await Scratch.open(base)
        const known = await played(scratch, history)
        const bytes = bytesOf(scratch)
        await scratch.close()
        const sizes = [...known.keys()]
        const [first = 0] = sizes
        const time = { now: scratch.time.now + pause, wall: scratch.time.wall + pause * 1000 }
        for (const cut of cuts.map((at) => first + (at % (bytes.length - first + 1)))) {
          const whole = sizes.findLast((size) => size <= cut) ?? 0
          const reopened = await Scratch.open(plant(`${base}-${cut}`, bytes.subarray(0, cut)), { time })
          expect(comparable(reopened.snapshot())).toEqual(comparable(restarted(known.get(whole) ?? [], time)))
          expect(reopened.warnings).toHaveLength(whole === cut ? 0 : 1)
          await reopened.close()
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('opened again and again, and compacted all the time, a journal goes on as one that never was closed', async () => {
  await using folder = await temporaryFolder()
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 4 }), async (lives) => {
      const base = join(folder.path, `${run++}`)
      let time = { now: 10_000, wall: 1_700_000_000_000_000 }
      let known: SnapshotRecord[] | undefined
      for (const history of lives) {
        const scratch = await Scratch.open(base, { time, compactBytes: 1 })
        const expected = known === undefined ? scratch.snapshot() : restarted(known, time)
        expect(comparable(scratch.snapshot())).toEqual(comparable(expected))
        for (const step of history) {
          expect(scratch.perform(step)).toBeUndefined()
          // Compaction works in turns of its own.
          if (step.after === 300) await new Promise(setImmediate)
        }
        known = scratch.snapshot()
        time = scratch.time
        await scratch.close()
      }
    }),
    { numRuns: 40 },
  )
})

test('a flipped bit anywhere in a journal is found out, or is in its last record, which is cut', async () => {
  await using folder = await temporaryFolder()
  const scratch = await Scratch.open(join(folder.path, 'good'))
  const history: Step[] = ['a', 'b', 'a', 'c'].map((name, index) => ({
    client: 'c',
    after: 1,
    command: [6, name, index, 1],
  }))
  const known = await played(scratch, history)
  const bytes = bytesOf(scratch)
  await scratch.close()
  const last = [...known.keys()].at(-2) ?? 0
  const flipped = (at: number): string => {
    const copy = Buffer.from(bytes)
    copy[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
    return plant(join(folder.path, `${at}`), copy)
  }
  for (let at = 0; at < last; at++) {
    const open = Scratch.open(flipped(at), { time: scratch.time })
    await expect(open).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE', message: /is damaged.*repair/ })
    expect(readFileSync(join(folder.path, `${at}`, 'journal'))).toHaveLength(bytes.length)
  }
  for (let at = last; at < bytes.length; at++) {
    const reopened = await Scratch.open(flipped(at), { time: scratch.time })
    expect(comparable(reopened.snapshot())).toEqual(comparable(restarted(known.get(last) ?? [], scratch.time)))
    expect(reopened.warnings).toMatchObject([/were no whole record/])
    await reopened.close()
  }
})

test('a journal that lost its beginning is not taken for an empty one', async () => {
  await using folder = await temporaryFolder()
  const scratch = await Scratch.open(join(folder.path, 'good'))
  const first = scratch.size
  scratch.add('n', 1)
  const bytes = bytesOf(scratch)
  await scratch.close()
  for (let cut = 0; cut < first; cut += 7) {
    const open = Scratch.open(plant(join(folder.path, `${cut}`), bytes.subarray(0, cut)), { time: scratch.time })
    await expect(open).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE', message: /is damaged/ })
  }
})
