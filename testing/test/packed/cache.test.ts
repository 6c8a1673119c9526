import { spawnSync } from 'node:child_process'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { kept, shelf } from '../../src/packed/cache.ts'
import { type TemporaryFolder, temporaryFolder } from '../../src/tmp.ts'

let home: TemporaryFolder

beforeEach(async () => {
  home = await temporaryFolder()
  vi.stubEnv('XDG_CACHE_HOME', home.path)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await home[Symbol.asyncDispose]()
})

test('what several ask for at once is made once', async () => {
  const make = vi.fn<(folder: string) => Promise<void>>(fill)
  const folders = await Promise.all([kept('things/a', make), kept('things/a', make), kept('things/a', make)])
  expect(make).toHaveBeenCalledTimes(1)
  expect(new Set(folders).size).toBe(1)
  expect(await readdir(folders[0])).toEqual(['it'])
})

test('what could not be made is not there, and is made by the next who asks', async () => {
  const failing = kept('things/a', async (folder) => {
    await fill(folder)
    throw new Error('no registry')
  })
  await expect(failing).rejects.toThrow('no registry')
  expect(await readdir(join(home.path, 'lockstep/things'))).toEqual([])
  expect(await readdir(await kept('things/a', fill))).toEqual(['it'])
})

test('a process that was killed at it keeps nobody waiting, and what it left is not taken for the whole', async () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  const things = join(home.path, 'lockstep/things')
  await mkdir(join(things, `a.making-${pid}`), { recursive: true })
  await writeFile(join(things, 'a.lock'), String(pid))
  expect(await shelf('things')).toEqual([])
  expect(await readdir(await kept('things/a', fill))).toEqual(['it'])
  expect(await shelf('things')).toEqual(['a'])
})

test('what nobody has used for a week goes when something new is made', async () => {
  const [old, used] = [await kept('things/old', fill), await kept('things/used', fill)]
  const longAgo = new Date(Date.now() - 8 * 86_400_000)
  await utimes(old, longAgo, longAgo)
  await utimes(used, longAgo, longAgo)
  await kept('things/used', fill)
  await kept('things/new', fill)
  expect([...(await shelf('things'))].toSorted()).toEqual(['new', 'used'])
})

function fill(folder: string): Promise<void> {
  return writeFile(join(folder, 'it'), 'whole')
}
