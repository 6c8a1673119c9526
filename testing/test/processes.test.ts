import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { stopped, TestProcess } from '../src/processes.ts'
import type { Answering } from './fixtures/answering.ts'

const script = new URL('fixtures/answering.ts', import.meta.url)

test('a fixture is heard by message, by line and by reply', async () => {
  await using fixture = new TestProcess<Answering>(script)
  expect(await fixture.message('ready')).toEqual({ type: 'ready', pid: fixture.pid })
  expect(await fixture.line(/listening/)).toBe('listening now')
  expect(await fixture.ask('add', 2, 3)).toBe(5)
  await expect(fixture.ask('refuse')).rejects.toMatchObject({ message: 'not today', code: 'REFUSED' })
})

test('the end of a fixture rejects what is asked of it', async () => {
  await using fixture = new TestProcess<Answering>(script)
  await expect(fixture.ask('leave')).rejects.toThrow('The process has ended (3)')
  expect(await fixture.exited).toEqual({ code: 3, signal: null })
  await expect(fixture.ask('add', 1, 1)).rejects.toThrow('The process has ended (3)')
  await expect(fixture.message('later')).rejects.toThrow('The process ended before the message later')
})

test('a stopped fixture stands still until it is resumed', async () => {
  await using fixture = new TestProcess<Answering>(script)
  await fixture.message('ready')
  await fixture.stop()
  const sum = fixture.ask('add', 1, 1)
  await expect(stopped(fixture.pid)).resolves.toBeUndefined()
  fixture.resume()
  expect(await sum).toBe(2)
})

test('what a fixture has started ends with it', async () => {
  const fixture = new TestProcess<Answering>(script)
  const child = await fixture.ask('linger')
  await fixture[Symbol.asyncDispose]()
  expect(await fixture.exited).toEqual({ code: null, signal: 'SIGKILL' })
  await expect.poll(() => state(child)).toBe('gone')
})

/** A killed process may stay as a zombie until someone collects it. */
async function state(pid: number | undefined): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')
  return stat.includes(') Z') ? 'gone' : stat
}
