import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClusterState } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import { startHost } from '@lockstep/state-memory/host'
import { TestProcess } from '@lockstep/testing/processes'
import { startMember } from '@lockstep/testing/members/members'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { describe, expect, test, vi } from 'vitest'
import { recordOf } from '../../src/journal/record.ts'
import { memoryWith } from '../primary.ts'
import { Scratch, bytesOf, plant } from './scratch.ts'

describe('after a restart', () => {
  test('counters, entries, tombstones, operations and fence marks are what they were', async () => {
    await using folder = await temporaryFolder()
    const journal = join(folder.path, 'made/for/it')
    const before = await createClusterState({ adapter: memory({ journal }) })
    await before.counters.set('stock', 5)
    await before.counters.add('stock', -2, { operationId: 'order 1' })
    const { version } = await before.entries.set('e', 'v')
    await before.entries.set('gone', 'v')
    await before.entries.delete('gone', { tombstone: 60_000 })
    const old = await before.locks.acquire('l')
    await old.release()
    const newer = await before.locks.acquire('l')
    await before.counters.get('fenced', { fence: newer })
    await before.close()

    const after = await createClusterState({ adapter: memory({ journal: { folder: journal } }) })
    expect(await after.counters.get('stock')).toBe(3)
    expect(await after.counters.add('stock', -2, { operationId: 'order 1' })).toMatchObject({ applied: true, value: 3 })
    expect(await after.counters.get('stock')).toBe(3)
    expect(await after.entries.get('e')).toMatchObject({ value: 'v', version })
    expect(await after.entries.set('gone', 'v')).toMatchObject({ applied: false })
    await expect(after.counters.add('fenced', 1, { fence: old })).rejects.toMatchObject({
      code: 'LOCKSTEP_STALE_TOKEN',
    })
    expect(await after.counters.add('fenced', 1, { fence: newer })).toMatchObject({ applied: true })
    await using next = await after.locks.acquire('l')
    expect(next.token).toBeGreaterThan(newer.token)
    expect(await after.health()).toMatchObject({
      status: 'up',
      adapters: [{ durability: expect.stringContaining('death of every process'), warnings: [] }],
    })
    await after.close()
    expect(statSync(join(journal, 'journal')).mode & 0o777).toBe(0o600)
    expect(statSync(journal).mode & 0o777).toBe(0o700)
    expect(readdirSync(journal)).toEqual(['journal'])
  })

  test('a lease of before is nobody else’s until the deadline that was given out, and its waiters are gone', async () => {
    await using folder = await temporaryFolder()
    const at = { now: 1_000, wall: 1_700_000_000_000_000 }
    const scratch = await Scratch.open(folder.path, { time: at })
    scratch.perform({ client: 'holder', after: 0, command: [1, 'l', 'o', 10_000, 0] })
    scratch.perform({ client: 'waiter', after: 0, command: [1, 'l', 'p', 10_000, 10_000] })
    await scratch.close()
    // A second has passed by both clocks.
    const time = { now: at.now + 1_000, wall: at.wall + 1_000_000 }
    const reopened = await Scratch.open(folder.path, { time })
    expect(reopened.snapshot()).toContainEqual(
      expect.objectContaining({ kind: 'lock', name: 'l', expiresIn: 9_000, waiters: [] }),
    )
    await reopened.close()
  })

  test('of the machine fences from before are refused, unless every batch was synced', async () => {
    await using folder = await temporaryFolder()
    const rebooted = { now: 5, wall: 1_700_000_100_000_000 }
    for (const fsync of [false, 'batch'] as const) {
      const base = join(folder.path, String(fsync))
      const scratch = await Scratch.open(base, { fsync })
      const [{ fenceFloor }] = scratch.snapshot() as unknown as [{ fenceFloor: number }]
      scratch.add('n', 1)
      await scratch.close()
      const reopened = await Scratch.open(base, { fsync, time: rebooted })
      expect(reopened.counter('n')).toBe(1)
      expect(reopened.snapshot()[0]).toMatchObject({ fenceFloor: fsync ? fenceFloor : rebooted.wall })
      await reopened.close()
    }
  })
})

describe('a journal that cannot be opened', () => {
  test('in the place of a file is refused with its path', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    for (const journal of [file, join(file, 'below')]) {
      await expect(createClusterState({ adapter: memory({ journal }) })).rejects.toMatchObject({
        code: 'LOCKSTEP_UNAVAILABLE',
        message: expect.stringContaining(journal),
      })
    }
  })

  test.skipIf(process.getuid?.() === 0)(
    'in a folder that may not be written is refused (skipped for root, who may everything: run the tests as another user)',
    async () => {
      await using folder = await temporaryFolder()
      mkdirSync(join(folder.path, 'closed'), { mode: 0o500 })
      const journal = join(folder.path, 'closed')
      await expect(createClusterState({ adapter: memory({ journal }) })).rejects.toMatchObject({
        code: 'LOCKSTEP_UNAVAILABLE',
      })
    },
  )

  test('of a newer format is refused with both formats, and left as it is', async () => {
    await using folder = await temporaryFolder()
    const bytes = recordOf(JSON.stringify({ journal: 'lockstep', format: 7, news: true }))
    await expect(Scratch.open(plant(folder.path, bytes))).rejects.toMatchObject({
      code: 'LOCKSTEP_UNSUPPORTED',
      message: /format 7.*reads format 1/,
    })
    expect(statSync(join(folder.path, 'journal')).size).toBe(bytes.length)
  })

  test('that was damaged is opened with repair: what is readable is kept, and the damaged file too', async () => {
    await using folder = await temporaryFolder()
    const scratch = await Scratch.open(folder.path)
    scratch.add('before', 1)
    const middle = scratch.size
    scratch.add('after', 1)
    scratch.add('after', 1)
    const bytes = bytesOf(scratch)
    await scratch.close()
    bytes[middle + 9] = (bytes[middle + 9] ?? 0) ^ 1
    plant(folder.path, bytes)
    await expect(Scratch.open(folder.path)).rejects.toMatchObject({
      message: new RegExp(`at byte ${middle} of ${bytes.length}`),
    })
    const repaired = await Scratch.open(folder.path, { repair: true, time: scratch.time })
    expect([repaired.counter('before'), repaired.counter('after')]).toEqual([1, 0])
    expect(repaired.warnings).toMatchObject([/was damaged.*repaired.*\.damaged/])
    expect(repaired.snapshot()[0]).toMatchObject({ fenceFloor: scratch.time.wall })
    repaired.add('after', 5)
    await repaired.close()
    const aside = readdirSync(folder.path).find((name) => name.endsWith('.damaged')) ?? ''
    expect(statSync(join(folder.path, aside)).size).toBe(bytes.length)
    const again = await Scratch.open(folder.path, { time: repaired.time })
    expect(again.counter('after')).toBe(5)
    await again.close()
  })
})

describe('who is given the journal', () => {
  test('a process has one journal: another one is refused, the same one is shared', async () => {
    await using folder = await temporaryFolder()
    const journal = join(folder.path, 'one')
    const state = await createClusterState({ adapter: memory({ journal, operationRetention: 5_000 }) })
    const same = await createClusterState({ adapter: memory({ journal }) })
    const silent = await createClusterState({ adapter: memory() })
    await state.counters.add('n', 1)
    expect([await same.counters.get('n'), await silent.counters.get('n')]).toEqual([1, 1])
    const invalid = { code: 'LOCKSTEP_INVALID_ARGUMENT' }
    const other = createClusterState({ adapter: memory({ journal: join(folder.path, 'two') }) })
    await expect(other).rejects.toMatchObject({ ...invalid, message: /is open with the journal .*one/ })
    await expect(createClusterState({ adapter: memory({ operationRetention: 6_000 }) })).rejects.toMatchObject(invalid)
    await Promise.all([state.close(), same.close(), silent.close()])
  })

  test('a process that is open without one cannot be given one later', async () => {
    await using folder = await temporaryFolder()
    const state = await createClusterState({ adapter: memory() })
    await expect(startHost({ journal: folder.path })).rejects.toMatchObject({
      code: 'LOCKSTEP_INVALID_ARGUMENT',
      message: /open without a journal/,
    })
    await state.close()
  })

  test('a worker may say the same as its primary, and is refused with what to do where it does not', async () => {
    await using folder = await temporaryFolder()
    await using primary = new TestProcess(new URL('../fixtures/journaled-host.ts', import.meta.url), {
      args: [folder.path],
    })
    const { env } = await primary.message<{ env: Record<string, string> }>('host')
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const state = await createClusterState({ adapter: memory({ journal: folder.path }) })
    expect(await state.health()).toMatchObject({
      adapters: [{ durability: expect.stringContaining('the primary too') }],
    })
    await state.close()
    const other = createClusterState({ adapter: memory({ journal: join(folder.path, 'other') }) })
    await expect(other).rejects.toMatchObject({
      code: 'LOCKSTEP_INVALID_ARGUMENT',
      message: /createCluster\(\{ services: .*startHost\(/,
    })
    await expect(createClusterState({ adapter: memory({ operationRetention: 1_000 }) })).rejects.toThrow(
      /operationRetention/,
    )
    vi.unstubAllEnvs()
  })

  test('a host that was closed leaves its journal to the next', async () => {
    await using folder = await temporaryFolder()
    for (let value = 1; value <= 3; value++) {
      const host = await startHost({ journal: folder.path })
      await using member = await startMember(memoryWith(host.env))
      expect(await member.ask('call', { do: 'counters.add', name: 'n', delta: 1 })).toMatchObject({ value })
      await host.close()
    }
  })

  test.each([
    [{ journal: '' }, /journal.folder/],
    [{ journal: 5 }, /journal must be a folder/],
    [{ journal: { folder: 'a', fsync: true } }, /journal.fsync/],
    [{ journal: { folder: 'a', repair: 1 } }, /journal.repair/],
    [{ journal: { folder: 'a', sync: true } }, /no option sync/],
    [{ operationRetention: 1 }, /operationRetention/],
    [{ operationRetention: Infinity }, /operationRetention/],
  ])('options are checked: %j', (options, message) => {
    expect(() => memory(options as object)).toThrow(message)
  })

  test('the options of a host are checked by its own name', async () => {
    await expect(startHost({ connectTimeout: 5 } as object)).rejects.toThrow(
      /startHost\(\) has no option connectTimeout/,
    )
    await expect(startHost('folder' as unknown as object)).rejects.toThrow(/must be an object/)
  })
})

test('with fsync every batch is on the disk before it is answered, and health says so', async () => {
  await using folder = await temporaryFolder()
  const state = await createClusterState({ adapter: memory({ journal: { folder: folder.path, fsync: 'batch' } }) })
  await state.counters.add('n', 1)
  expect(await state.health()).toMatchObject({ adapters: [{ durability: expect.stringContaining('of the machine') }] })
  await state.close()
  rmSync(join(folder.path, 'journal'))
})
