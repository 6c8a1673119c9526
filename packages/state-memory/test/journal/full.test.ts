import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClusterState } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import { TestProcess } from '@lockstep/testing/processes'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test, vi } from 'vitest'
import type { handlers } from '../fixtures/cramped.ts'
import { Scratch, copyTo } from './scratch.ts'

const missing = toolMissing()

/** prlimit(1) moves the limit of a running process, and needs no rights for that. */
function toolMissing(): string | undefined {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'skipped: no prlimit, which util-linux has'
  }
}

/** Bytes that a file of the process may have: beyond them the system refuses to write (EFBIG). */
async function limit(pid: number, bytes: number | 'unlimited'): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:unlimited`])
}

test.skipIf(missing !== undefined)(
  `a journal that cannot grow refuses changes whole, says so, answers reads, and goes on when it can${missing ?? ''}`,
  async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'journal')
    {
      await using cramped = new TestProcess<typeof handlers>(new URL('../fixtures/cramped.ts', import.meta.url), {
        args: [folder.path],
      })
      await cramped.message('ready')
      expect(await cramped.ask('add', 'n', 'first')).toBeUndefined()
      const size = statSync(path).size
      // Room for a part of the next record: every byte of it is taken back.
      for (const room of [0, 1, 9, 40]) {
        await limit(cramped.pid, size + room)
        const refusal = await cramped.ask('add', 'n', `refused ${room}`)
        expect(refusal).toMatchObject({
          code: 'LOCKSTEP_UNAVAILABLE',
          message: expect.stringMatching(/could not be written \(EFBIG.*nothing was applied/),
        })
        expect(statSync(path).size).toBe(size)
        expect(await cramped.ask('get', 'n')).toBe(1)
      }
      await vi.waitFor(async () => {
        expect(await cramped.ask('health')).toMatchObject({
          status: 'degraded',
          adapters: [{ warnings: [expect.stringMatching(/cannot be written/)] }],
        })
      }, 5_000)
      await limit(cramped.pid, 'unlimited')
      expect(await cramped.ask('add', 'n', 'refused 1')).toBeUndefined()
      await vi.waitFor(async () => expect(await cramped.ask('health')).toMatchObject({ status: 'up' }), 5_000)
      await cramped.kill()
    }
    const state = await createClusterState({ adapter: memory({ journal: folder.path }) })
    expect(await state.counters.get('n')).toBe(2)
    await state.close()
  },
)

test('a compaction that fails leaves the journal going, says so, and is tried again', async () => {
  await using folder = await temporaryFolder()
  const scratch = await Scratch.open(folder.path, { compactBytes: 1 })
  const [before] = [readdirSync(folder.path)]
  // A folder stands where the new file would be written.
  mkdirSync(join(folder.path, 'journal.new'))
  for (let index = 0; index < 50; index++) expect(scratch.add('n', 1)).toBeUndefined()
  await vi.waitFor(() => expect(scratch.warnings).toMatchObject([/could not be compacted/]))
  rmdirSync(join(folder.path, 'journal.new'))
  await vi.waitFor(
    () => {
      expect(scratch.add('n', 1)).toBeUndefined()
      expect(scratch.warnings).toEqual([])
    },
    { timeout: 8_000 },
  )
  const counted = scratch.counter('n')
  expect(readdirSync(folder.path).toSorted()).toEqual(before.toSorted())
  await scratch.close()
  const again = await Scratch.open(folder.path, { time: scratch.time })
  expect(again.counter('n')).toBe(counted)
  await again.close()
})

test('a journal that is compacted stays as small as what it holds', async () => {
  await using folder = await temporaryFolder()
  const scratch = await Scratch.open(folder.path, { compactBytes: 10_000 })
  for (let index = 0; index < 5_000; index++) {
    scratch.add('n', 1)
    if (index % 50 === 0) await new Promise(setImmediate)
  }
  await vi.waitFor(() => {
    scratch.add('n', 1)
    expect(scratch.size).toBeLessThan(60_000)
  })
  await scratch.close()
  const copy = await Scratch.open(copyTo(join(folder.path, 'copy'), scratch), { time: scratch.time })
  expect(copy.counter('n')).toBe(scratch.counter('n'))
  await copy.close()
})
