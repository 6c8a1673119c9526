import { Agent } from 'node:http'
import { freePort } from '@lockstep/testing/ports'
import { describe, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { Load } from './load.ts'
import { gone, SupervisedCluster } from './supervised.ts'

describe('a cluster that is stopped', () => {
  test.each([{ keepAlive: true }, { keepAlive: false }])(
    'answers every request that reached a worker (%o)',
    async ({ keepAlive }) => {
      const port = await freePort()
      await using cluster = new SupervisedCluster('http-worker.ts', { workers: 2, env: { PORT: `${port}` } })
      await cluster.ask('start')
      const load = new Load(port, { clients: 16, keepAlive })
      await expect.poll(() => load.answered, { timeout: 4_000 }).toBeGreaterThan(300)

      await cluster.ask('stop')
      await load.stop()

      const seen = (): number[] => [...cluster.output.matchAll(/has seen (\d+)/g)].map(([, count]) => Number(count))
      await expect.poll(seen, { timeout: 4_000 }).toHaveLength(2)
      expect(load.answered).toBe(seen().reduce((sum, count) => sum + count))
      // What could fail are connections that no worker has accepted any more.
      expect(load.failures.filter(({ reused }) => reused)).toEqual([])
      expect(load.failures.filter(({ code }) => code !== 'ECONNREFUSED' && code !== 'ECONNRESET')).toEqual([])
    },
  )

  test('finishes the request under way and says that the connection ends', async () => {
    const port = await freePort()
    await using cluster = new SupervisedCluster('http-worker.ts', { workers: 1, env: { PORT: `${port}` } })
    await cluster.ask('start')
    const agent = new Agent({ keepAlive: true })
    const answer = ask(port, '/slow', agent)
    await cluster.line(/asked to be slow/)

    await cluster.ask('stop')

    expect(await answer).toMatchObject({ body: 'slow but sure', headers: { connection: 'close' } })
    expect(await cluster.event('worker:exit')).toMatchObject({ reason: 'drained', code: 0, signal: null })
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('waits for the request under way when the application has closed its server itself', async () => {
    const port = await freePort()
    await using cluster = new SupervisedCluster('closing-worker.ts', { workers: 1, env: { PORT: `${port}` } })
    await cluster.ask('start')
    const answer = ask(port)
    await cluster.line(/asked/)

    await cluster.ask('stop')

    expect((await answer).body).toBe('closed but sure')
  })

  test('gives an idle connection a last answer', async () => {
    const port = await freePort()
    const drain = { idle: 10_000 }
    await using cluster = new SupervisedCluster('http-worker.ts', { workers: 1, env: { PORT: `${port}` }, drain })
    await cluster.ask('start')
    const agent = new Agent({ keepAlive: true })
    await ask(port, '/', agent)

    const stopped = cluster.ask('stop')
    await cluster.line(/leaving/)

    expect(await ask(port, '/', agent)).toMatchObject({ reused: true, headers: { connection: 'close' } })
    await stopped
  })

  test('closes a connection that stays idle, and waits for it no longer', async () => {
    const port = await freePort()
    const drain = { idle: 100, deadline: 20_000 }
    await using cluster = new SupervisedCluster('http-worker.ts', { workers: 1, env: { PORT: `${port}` }, drain })
    await cluster.ask('start')
    await ask(port, '/', new Agent({ keepAlive: true, timeout: 60_000 }))

    await cluster.ask('stop')

    expect(await cluster.event('worker:exit')).toMatchObject({ reason: 'drained', code: 0 })
  })

  test('kills a worker that has not left by the deadline', async () => {
    const port = await freePort()
    const drain = { idle: 0, deadline: 200 }
    await using cluster = new SupervisedCluster('http-worker.ts', { workers: 1, env: { PORT: `${port}` }, drain })
    await cluster.ask('start')
    const failure = ask(port, '/hang').catch((error: unknown) => error)
    await cluster.line(/asked to hang/)

    await cluster.ask('stop')

    expect(await failure).toMatchObject({ code: 'ECONNRESET' })
    expect(await cluster.event('worker:exit')).toMatchObject({ reason: 'drain-timeout', code: null, signal: 'SIGKILL' })
  })

  test('runs the drain hooks one after the other, the last first, whichever of them fails', async () => {
    await using cluster = new SupervisedCluster('hooks-worker.ts', { workers: 1 })
    await cluster.ask('start')

    await cluster.ask('stop')

    expect(await cluster.event('worker:exit')).toMatchObject({ reason: 'crashed', code: 1 })
    await cluster.line(/a hook that fails/)
    expect(cluster.output.match(/last hook|first hook|taken back/g)).toEqual(['last hook', 'first hook'])
  })
})

test('workers whose primary was killed finish what they have under way, and end', async () => {
  const port = await freePort()
  await using cluster = new SupervisedCluster('http-worker.ts', { workers: 2, env: { PORT: `${port}` } })
  await cluster.ask('start')
  const { workers } = await cluster.ask('status')
  const answer = ask(port, '/slow')
  await cluster.line(/asked to be slow/)

  await cluster.kill('SIGKILL')

  expect((await answer).body).toBe('slow but sure')
  await Promise.all(workers.map(({ pid }) => gone(pid)))
})
