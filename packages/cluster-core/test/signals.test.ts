import { freePort } from '@lockstep/testing/ports'
import { expect, test } from 'vitest'
import { ask } from './ask.ts'
import { gone, SupervisedCluster } from './supervised.ts'

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s drains the workers and ends the primary with exit code 0',
  async (signal) => {
    const port = await freePort()
    await using cluster = new SupervisedCluster('http-worker.ts', { workers: 2, env: { PORT: `${port}` } })
    await cluster.ask('start')
    const answer = ask(port, '/slow')
    await cluster.line(/asked to be slow/)

    expect(await cluster.kill(signal)).toEqual({ code: 0, signal: null })
    expect((await answer).body).toBe('slow but sure')
  },
)

test('the echo of a signal, as npm makes one, does not cut the drain short', async () => {
  const port = await freePort()
  await using cluster = new SupervisedCluster('http-worker.ts', { workers: 1, env: { PORT: `${port}` } })
  await cluster.ask('start')
  const answer = ask(port, '/slow')
  await cluster.line(/asked to be slow/)

  process.kill(cluster.pid, 'SIGINT')
  expect(await cluster.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  expect((await answer).body).toBe('slow but sure')
})

test('a second signal ends everything at once', async () => {
  const port = await freePort()
  await using cluster = new SupervisedCluster('http-worker.ts', { workers: 1, env: { PORT: `${port}` } })
  await cluster.ask('start')
  const { pid } = await cluster.event('worker:ready')
  const failure = ask(port, '/hang').catch((error: unknown) => error)
  await cluster.line(/asked to hang/)

  process.kill(cluster.pid, 'SIGTERM')
  await cluster.event('worker:draining')
  // Not before 200 ms have gone by does a signal count as a second one, and the process does not tell when it has.
  const impatience = setInterval(() => process.kill(cluster.pid, 'SIGTERM'), 50)
  expect(await cluster.exited.finally(() => clearInterval(impatience))).toEqual({ code: 143, signal: null })
  expect(await failure).toMatchObject({ code: 'ECONNRESET' })
  await gone(pid)
})

test('a signal to a worker, as Ctrl-C sends one to the whole group, is left to the primary', async () => {
  const port = await freePort()
  await using cluster = new SupervisedCluster('http-worker.ts', { workers: 1, env: { PORT: `${port}` } })
  await cluster.ask('start')
  const { pid = 0 } = await cluster.event('worker:ready')

  process.kill(pid, 'SIGINT')
  process.kill(pid, 'SIGTERM')

  expect((await ask(port)).body).toBe(String(pid))
  await cluster.ask('stop')
  expect(await cluster.event('worker:exit')).toMatchObject({ pid, code: 0, reason: 'drained' })
})

test('without signals the process keeps its own manners', async () => {
  await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1, signals: false })
  await cluster.ask('start')
  expect(await cluster.kill('SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' })
})
