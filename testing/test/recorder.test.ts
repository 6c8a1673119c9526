import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAcknowledged, isUnknown } from '../src/histories/operation.ts'
import { readHistory } from '../src/histories/read.ts'
import { Recorder } from '../src/histories/record.ts'
import { temporaryFolder } from '../src/tmp.ts'

const call = { do: 'counters.get', name: 'n' } as const

test('a history holds every call with its answer or error, in the order of their beginnings, from all files', async () => {
  await using folder = await temporaryFolder()
  const first = new Recorder(join(folder.path, 'first'))
  const second = new Recorder(join(folder.path, 'second'))
  expect(await first.record('a', call, async () => 1)).toBe(1)
  expect(await second.record('b', call, async () => undefined)).toBe(null)
  expect(await second.record('b', call, async () => ({ failed: 'LOCKSTEP_UNAVAILABLE' }))).toBe(undefined)
  expect(await first.record('a', call, () => Promise.reject(new Error('broken')))).toBe(undefined)

  const history = await readHistory(folder.path)
  const span = { call, from: expect.any(Number), to: expect.any(Number) }
  expect(history).toEqual([
    { client: 'a', ...span, answer: 1 },
    { client: 'b', ...span, answer: null },
    { client: 'b', ...span, failed: 'LOCKSTEP_UNAVAILABLE' },
    { client: 'a', ...span, failed: 'Error: broken' },
  ])
  expect(history.map(isAcknowledged)).toEqual([true, true, false, false])
})

test('a call that a process did not live to see answered is unknown, also if its last line was cut short', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'killed')
  void new Recorder(file).record('a', call, () => new Promise(() => {}))
  await appendFile(file, '{"id":1,"to":12')
  const history = await readHistory(folder.path)
  expect(history).toEqual([{ client: 'a', call, from: expect.any(Number) }])
  expect(history.map(isUnknown)).toEqual([true])
})
