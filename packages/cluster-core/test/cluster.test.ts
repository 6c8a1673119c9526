import { createCluster } from '@lockstep/cluster-core'
import { joinCluster } from '@lockstep/cluster-core/worker'
import { expect, test } from 'vitest'
import { SupervisedCluster } from './supervised.ts'

test('start() resolves when every worker is ready, and status() tells of each', async () => {
  await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 3 })
  expect(await cluster.ask('status')).toEqual({ state: 'stopped', workers: [] })
  await cluster.ask('start')
  const { state, workers } = await cluster.ask('status')
  expect(state).toBe('running')
  expect(workers.map((worker) => worker.slot)).toEqual([0, 1, 2])
  expect(new Set(workers.map((worker) => worker.pid)).size).toBe(3)
  for (const worker of workers)
    expect(worker).toMatchObject({ state: 'ready', uptime: expect.any(Number) as number, restarts: 0 })
})

test('a cluster can be started again after it was stopped', async () => {
  await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1 })
  await cluster.ask('start')
  await cluster.ask('stop')
  await cluster.ask('stop')
  const [worker] = (await cluster.ask('status')).workers
  expect(worker).toMatchObject({ state: 'stopped', uptime: 0, lastExit: { reason: 'drained' } })
  expect(worker?.pid).toBeUndefined()
  await cluster.ask('start')
  expect(await cluster.ask('status')).toMatchObject({ state: 'running', workers: [{ state: 'ready' }] })
})

test('a process has one running cluster', async () => {
  await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1 })
  await cluster.ask('start')
  await expect(cluster.ask('startAnother')).rejects.toMatchObject({ code: 'LOCKSTEP_CLUSTER_ALREADY_RUNNING' })
  await cluster.ask('stop')
  await cluster.ask('startAnother')
})

test('a cluster that is stopped while its services start closes them and forks nobody', async () => {
  await using cluster = new SupervisedCluster('crashing-worker.ts', { services: ['./good-service.ts'] })
  const failure = cluster.ask('start').catch((error: unknown) => error)
  await cluster.ask('stop')
  expect(await failure).toMatchObject({ code: 'LOCKSTEP_CLUSTER_STOPPED' })
  await cluster.line(/good service closed/)
  expect(await cluster.ask('status')).toEqual({ state: 'stopped', workers: [] })
})

test('a cluster that is stopped while its workers start leaves nothing behind', async () => {
  await using cluster = new SupervisedCluster('mumbling-worker.ts', { workers: 2 })
  const failure = cluster.ask('start').catch((error: unknown) => error)
  await cluster.event('worker:fork')
  await cluster.ask('stop')
  expect(await failure).toMatchObject({ code: 'LOCKSTEP_CLUSTER_STOPPED' })
  expect(await cluster.event('worker:exit')).toMatchObject({ reason: 'killed', signal: 'SIGKILL' })
  expect((await cluster.ask('status')).state).toBe('stopped')
})

test('a worker cannot be a primary', async () => {
  await using cluster = new SupervisedCluster('misplaced-cluster.ts', { workers: 1 })
  await cluster.ask('start')
  await cluster.line(/^LOCKSTEP_CLUSTER_NOT_PRIMARY$/)
  expect((await cluster.ask('status')).workers).toHaveLength(1)
})

test('a cluster that was never started is disposed of without a word', async () => {
  await using cluster = createCluster({ script: 'server.js' })
  expect(cluster.status()).toEqual({ state: 'stopped', workers: [] })
})

test('in a process that is no worker of ours, joining has no effect', () => {
  const worker = joinCluster()
  expect(joinCluster()).toBe(worker)
  expect(worker).toMatchObject({ managed: false, slot: undefined, id: undefined })
  expect(worker.onDrain(() => expect.unreachable())()).toBeUndefined()
  worker.ready()
  expect(worker.signal.aborted).toBe(false)
})
