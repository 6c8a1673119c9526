import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { monotonic } from '@lockstep/state'
import { describe, expect, test } from 'vitest'
import type { LinkAddress } from '../src/index.ts'
import { acquire, add, later } from './commands.ts'
import { SOURCE, fixture, forkClient, startThread } from './remote-client.ts'
import { openClient, openHost } from './setup.ts'

const kinds = [
  ['a forked process', forkClient],
  ['a cluster worker', (host) => forkClient(host, 'cluster-primary.ts')],
  ['a worker thread', startThread],
] as const satisfies [string, typeof startThread][]

describe.each(kinds)('%s', (_, start) => {
  test('shares the state with the process of the host', async () => {
    const host = await openHost()
    const [client, remote] = await Promise.all([openClient(host), start(host)])
    expect(await remote.send(add('n', 1, 5))).toMatchObject([{ value: 5 }])
    expect(await client.send(add('n', 1, 1), later())).toMatchObject([{ value: 6 }])
    expect(await remote.close()).toBe(0)
  })

  test('that is killed loses its leases and its place in queues at once', async () => {
    const host = await openHost()
    const [client, remote] = await Promise.all([openClient(host), start(host)])
    await client.send(acquire('queued', 'o'), later())
    await remote.send({ ...acquire('held', 'theirs'), ttl: 600_000 })
    await remote.send(acquire('queued', 'theirs', 60_000))
    await remote.kill()
    await expect.poll(() => client.send(acquire('held', 'o'), later())).toMatchObject({ granted: true })
    await expect
      .poll(() => client.send({ op: 'inspect', name: 'queued' }, later()))
      .toMatchObject({ held: true, waiters: 0 })
  })

  test('that closes in good order frees its leases before it ends', async () => {
    const host = await openHost()
    const [client, remote] = await Promise.all([openClient(host), start(host)])
    await remote.send({ ...acquire('held', 'theirs'), ttl: 600_000 })
    expect(await remote.close()).toBe(0)
    expect(await client.send(acquire('held', 'o'), later())).toMatchObject({ granted: true })
  })
})

test('a stopped process keeps its leases until their ttl, holds nobody up, and goes on when resumed', async () => {
  const host = await openHost()
  const [client, remote] = await Promise.all([openClient(host), forkClient(host)])
  await remote.send({ ...acquire('l', 'theirs'), ttl: 400 })
  process.kill(remote.pid, 'SIGSTOP')
  expect(await client.send(acquire('l', 'mine'), later())).toMatchObject({ granted: false })
  await expect.poll(() => client.send(acquire('l', 'mine'), later())).toMatchObject({ granted: true })
  process.kill(remote.pid, 'SIGCONT')
  expect(await remote.send({ op: 'extend', leases: [{ name: 'l', owner: 'theirs', ttl: 400 }] })).toStrictEqual([false])
})

test('an idle link keeps no process alive, a pending call does until it is answered', async () => {
  const host = await openHost()
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...SOURCE, fileURLToPath(fixture('idle-client.ts'))],
    { env: { ...process.env, ...host.env } },
  )
  expect(JSON.parse(stdout)).toMatchObject([{ value: 1 }])
})

test('a host keeps no process alive, and leaves nothing behind when its process ends', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...SOURCE, fileURLToPath(fixture('host.ts'))])
  expect(stdout).toMatch(/lockstep-/)
  expect(existsSync(dirname(stdout))).toBe(false)
})

test('when the host is killed its clients are told at once, and their calls end by the deadline', async () => {
  const child = fork(fixture('host.ts'), { execArgv: SOURCE })
  const [address] = (await once(child, 'message')) as [LinkAddress]
  const client = await openClient(address)
  const lost = new Promise<Error>((resolve) => client.listen({ offered: () => {}, lost: resolve }))
  child.kill('SIGKILL')
  expect(await lost).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
  const change = client.send(add('n', 1, 1), monotonic() + 100)
  await expect(change).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
})
