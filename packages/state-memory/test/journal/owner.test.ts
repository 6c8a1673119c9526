import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { TestProcess } from '@lockstep/testing/processes'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import { own } from '../../src/journal/owner.ts'

interface Said {
  readonly owner: boolean
  readonly code?: string
  readonly message?: string
}

function contender(folder: string, at = 0): TestProcess {
  return new TestProcess(new URL('../fixtures/owner.ts', import.meta.url), { args: [folder, `${at}`] })
}

const owners = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('owner-'))

test('a second process is refused, and told which one keeps the journal; a killed owner leaves it free at once', async () => {
  await using folder = await temporaryFolder()
  await using first = contender(folder.path)
  expect(await first.message<Said>('said')).toMatchObject({ owner: true })
  await using second = contender(folder.path)
  const said = await second.message<Said>('said')
  expect(said).toMatchObject({ owner: false, code: 'LOCKSTEP_UNAVAILABLE' })
  expect(said.message).toContain(`process ${first.pid}`)
  await first.kill()
  await using third = contender(folder.path)
  expect(await third.message<Said>('said')).toMatchObject({ owner: true })
  expect(owners(folder.path)).toHaveLength(1)
})

test('an owner that stands still is alive all the same', async () => {
  await using folder = await temporaryFolder()
  await using first = contender(folder.path)
  await first.message('said')
  await first.stop()
  await using second = contender(folder.path)
  expect(await second.message<Said>('said')).toMatchObject({ owner: false, code: 'LOCKSTEP_UNAVAILABLE' })
})

test('of eight processes that come at once exactly one keeps the journal, and after its death one of the next eight', async () => {
  await using folder = await temporaryFolder()
  for (let round = 0; round < 2; round++) {
    await using stack = new AsyncDisposableStack()
    // Long enough for all of them to have started.
    const at = Date.now() + 2_500
    const contenders = Array.from({ length: 8 }, () => stack.use(contender(folder.path, at)))
    const said = await Promise.all(contenders.map((process) => process.message<Said>('said')))
    expect(said.filter(({ owner }) => owner)).toHaveLength(1)
    expect(said.filter(({ code }) => code === 'LOCKSTEP_UNAVAILABLE')).toHaveLength(7)
  }
})

test('of many claims in one turn of the event loop exactly one is taken, whatever their names', async () => {
  await using folder = await temporaryFolder()
  for (let round = 0; round < 20; round++) {
    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => own(folder.path)))
    const taken = claims.filter((claim) => claim.status === 'fulfilled')
    expect(taken).toHaveLength(1)
    await taken[0]?.value.release()
    expect(owners(folder.path)).toEqual([])
  }
})

test('a folder whose path is too long for a socket is refused with the limit', async () => {
  await using folder = await temporaryFolder()
  const long = join(folder.path, 'x'.repeat(120))
  mkdirSync(long)
  await expect(own(long)).rejects.toMatchObject({
    code: 'LOCKSTEP_UNAVAILABLE',
    message: /too long.*at most \d+ bytes/,
  })
})
