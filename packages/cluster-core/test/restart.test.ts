import { join } from 'node:path'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { describe, expect, test } from 'vitest'
import { SupervisedCluster } from './supervised.ts'

describe('a worker that ends on its own', () => {
  test('is replaced, in its slot, by a new process', async () => {
    await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 2 })
    await cluster.ask('start')
    const before = await cluster.ask('status')
    await cluster.event('worker:ready')
    await cluster.event('worker:ready')

    const pid = before.workers[1]?.pid ?? 0
    process.kill(pid, 'SIGKILL')

    expect(await cluster.event('worker:exit')).toMatchObject({
      slot: 1,
      pid,
      code: null,
      signal: 'SIGKILL',
      reason: 'crashed',
    })
    expect(await cluster.event('worker:ready')).toMatchObject({ slot: 1 })
    const { workers } = await cluster.ask('status')
    expect(workers[0]).toMatchObject({ pid: before.workers[0]?.pid, state: 'ready', restarts: 0 })
    expect(workers[1]).toMatchObject({ state: 'ready', restarts: 1, lastExit: { pid } })
    expect(workers[1]?.id).toBeGreaterThan(before.workers[1]?.id ?? Infinity)
  })

  test('waits longer and longer for its next start', async () => {
    const restart = { initial: 20, factor: 3, max: 100 }
    await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1, restart })
    await cluster.ask('start')
    for (const [index, ceiling] of [20, 60, 100, 100].entries()) {
      await cluster.event('worker:ready')
      await cluster.ask('tellWorkers', 'crash' as never)
      const { delay, failures } = await cluster.event('worker:restart')
      expect(failures).toBe(index + 1)
      expect(delay).toBeLessThanOrEqual(ceiling)
    }
    expect(await cluster.event('worker:exit')).toMatchObject({ code: 3, reason: 'crashed' })
  })

  test('starts at once again after a healthy spell', async () => {
    const restart = { healthyAfter: 0 }
    await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1, restart })
    await cluster.ask('start')
    for (let crash = 0; crash < 3; crash++) {
      await cluster.event('worker:ready')
      await cluster.ask('tellWorkers', 'crash' as never)
      expect(await cluster.event('worker:restart')).toMatchObject({ failures: 1 })
    }
  })
})

describe('a worker that cannot be brought up', () => {
  test('is tried again, and start() resolves when it succeeds', async () => {
    await using folder = await temporaryFolder()
    const env = { COUNT: join(folder.path, 'count'), FAILURES: '2' }
    await using cluster = new SupervisedCluster('failing-worker.ts', { workers: 1, env })
    await cluster.ask('start')
    expect((await cluster.ask('status')).workers[0]).toMatchObject({
      state: 'ready',
      restarts: 2,
      lastExit: { reason: 'boot-failed', code: 7 },
    })
  })

  test('makes start() reject with its exit code, and stops all others', async () => {
    await using folder = await temporaryFolder()
    const env = { COUNT: join(folder.path, 'count'), FAILURES: '1000' }
    await using cluster = new SupervisedCluster('failing-worker.ts', { workers: 2, env })
    await expect(cluster.ask('start')).rejects.toMatchObject({
      code: 'LOCKSTEP_CLUSTER_BOOT_FAILED',
      message: expect.stringMatching(/failed 3 times in a row .* exit code 7/) as string,
    })
    const { state, workers } = await cluster.ask('status')
    expect(state).toBe('stopped')
    expect(workers.map((worker) => worker.state)).toEqual(['stopped', 'stopped'])
  })

  test('is killed when it is not ready in time', async () => {
    await using cluster = new SupervisedCluster('mumbling-worker.ts', { workers: 1, bootTimeout: 500 })
    await expect(cluster.ask('start')).rejects.toMatchObject({
      code: 'LOCKSTEP_CLUSTER_BOOT_FAILED',
      message: expect.stringMatching(/not ready within 500 ms. .*ready\(\)/) as string,
    })
    expect(await cluster.event('worker:exit')).toMatchObject({ reason: 'boot-timeout', signal: 'SIGKILL' })
  })

  test('tells what the system said when there is no process at all', async () => {
    await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1 })
    await cluster.ask('loseNode')
    await expect(cluster.ask('start')).rejects.toMatchObject({
      code: 'LOCKSTEP_CLUSTER_BOOT_FAILED',
      message: expect.stringContaining('ENOENT') as string,
    })
    const exit = await cluster.event('worker:exit')
    expect(exit).toMatchObject({ code: null, signal: null, reason: 'boot-failed' })
    expect(exit.pid).toBeUndefined()
  })
})
