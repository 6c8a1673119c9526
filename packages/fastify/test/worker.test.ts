import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@lockstep/testing/ports'
import { TestProcess } from '@lockstep/testing/processes'
import { expect, test } from 'vitest'
import type { ClusterHandlers } from './fixtures/cluster.ts'

async function cluster(script: string, workers = 2): Promise<{ primary: TestProcess<ClusterHandlers>; url: string }> {
  const port = await freePort()
  const primary = new TestProcess<ClusterHandlers>(new URL('fixtures/cluster.ts', import.meta.url), {
    args: [script, String(workers), String(port)],
  })
  return { primary, url: `http://127.0.0.1:${port}` }
}

/** Each on a connection of its own, so that the workers take turns. */
async function post(url: string): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { connection: 'close' } })
  return response.json()
}

async function status(url: string): Promise<number | undefined> {
  const response = await fetch(url).catch(() => undefined)
  return response?.status
}

test('a worker is ready when it listens, and all workers count together', async () => {
  const { primary, url } = await cluster('serving-worker.ts')
  await using _ = primary
  await primary.ask('start')
  const visits = await Promise.all(Array.from({ length: 20 }, () => post(`${url}/count`)))

  expect(new Set(visits)).toEqual(new Set(Array.from({ length: 20 }, (_each, index) => index + 1)))
})

test('a worker that has booted and does not listen yet is not ready', async () => {
  const { primary, url } = await cluster('late-worker.ts', 1)
  await using _ = primary
  const starting = primary.ask('start')
  // On the channel by which it would have said that it is ready.
  await primary.message('booted')

  expect(await primary.ask('states')).toEqual(['starting'])
  await primary.ask('tell', 'listen')
  await starting
  expect(await status(`${url}/health/ready`)).toBe(200)
})

test('a worker that is asked to leave is not ready, answers what it has begun with the state at hand, and is gone', async () => {
  const { primary, url } = await cluster('serving-worker.ts')
  await using _ = primary
  await primary.ask('start')
  const last = post(`${url}/last`)
  // The request tells nobody that it has arrived: the counter has to be looked at again.
  while ((await status(`${url}/arrived`)) !== 200) await sleep(10)
  const stopped = primary.ask('stop')

  expect(await last).toEqual({ visits: 1, ready: 503 })
  await stopped
  expect(await primary.ask('states')).toEqual(['stopped', 'stopped'])
})

test('a worker that never listens is ready when it has booted', async () => {
  const { primary } = await cluster('booted-worker.ts')
  await using _ = primary
  await primary.ask('start')

  expect(await primary.ask('states')).toEqual(['ready', 'ready'])
  await primary.ask('stop')
})

test('with ready: manual a worker that listens is not ready before it says so', async () => {
  const { primary, url } = await cluster('manual-worker.ts', 1)
  await using _ = primary
  const starting = primary.ask('start')
  // Nothing tells that the worker listens: its port has to be tried again.
  while ((await status(`${url}/health/ready`)) !== 503) await sleep(10)

  expect(await primary.ask('states')).toEqual(['starting'])
  await fetch(`${url}/warm`, { method: 'POST' })
  await starting
  expect(await primary.ask('states')).toEqual(['ready'])
  expect(await status(`${url}/health/ready`)).toBe(200)
})
