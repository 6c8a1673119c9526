import { expect, test } from 'vitest'
import { SupervisedCluster } from './supervised.ts'

test('foreign and garbled messages of a worker change nothing', async () => {
  await using cluster = new SupervisedCluster('chatty-worker.ts', { workers: 1 })
  await cluster.ask('start')
  for (const message of [
    'drain',
    7,
    [],
    {},
    { type: 'drain' },
    { lockstep: 1 },
    { lockstep: 2, type: 'drain' },
    { lockstep: 1, type: 'ready' },
    'last',
  ]) {
    await cluster.ask('tellWorkers', message as never)
  }

  await cluster.line(/^unmoved$/)

  expect((await cluster.ask('status')).workers[0]).toMatchObject({ state: 'ready', restarts: 0 })
  await cluster.ask('stop')
  expect(await cluster.event('worker:exit')).toMatchObject({ reason: 'drained', code: 0 })
})
