import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { describe, expect, test } from 'vitest'
import { SupervisedCluster } from './supervised.ts'

describe('a primary service', () => {
  test('is there before the first worker and after the last, and tells them where it is', async () => {
    const services = ['./good-service.ts']
    const env = { GREETING: 'from the options' }
    await using cluster = new SupervisedCluster('environment-worker.ts', {
      workers: 2,
      services,
      env,
      args: ['one', 'two'],
    })
    await cluster.ask('start')
    await cluster.ask('stop')
    await cluster.line(/good service closed/)

    const lines = cluster.output.trim().split('\n')
    expect(lines[0]).toBe('good service started')
    expect(lines.at(-1)).toBe('good service closed')
    expect(JSON.parse(lines.find((line) => line.includes('"slot":1')) ?? '')).toEqual({
      slot: 1,
      managed: true,
      args: ['one', 'two'],
      GREETING: 'from the service',
      SERVICE: 'at your service',
    })
  })

  test('is given the options that stand beside its name', async () => {
    const services = [{ name: './choosy-service.ts', options: { taste: 'fine' } }, './choosy-service.ts']
    await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1, services })
    await cluster.ask('start')
    expect(cluster.output.trim().split('\n')).toEqual([
      'choosy service started with {"taste":"fine"}',
      'choosy service started with undefined',
    ])
  })

  test('does not notice that a worker is replaced', async () => {
    await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1, services: ['./good-service.ts'] })
    await cluster.ask('start')
    await cluster.event('worker:ready')
    await cluster.ask('tellWorkers', 'crash' as never)
    await cluster.event('worker:ready')
    expect(cluster.output).toBe('good service started\n')
  })

  test('that fails to start makes start() reject, and those before it are closed', async () => {
    const services = ['./good-service.ts', './failing-service.ts']
    await using cluster = new SupervisedCluster('crashing-worker.ts', { services })
    await expect(cluster.ask('start')).rejects.toMatchObject({
      code: 'LOCKSTEP_CLUSTER_SERVICE_FAILED',
      message: 'The primary service ./failing-service.ts failed to start: no room for the service',
    })
    await cluster.line(/good service closed/)
    expect(await cluster.ask('status')).toEqual({ state: 'stopped', workers: [] })
  })

  test('that fails to close makes stop() reject, and the others are closed', async () => {
    const services = ['./good-service.ts', './unclosable-service.ts']
    await using cluster = new SupervisedCluster('crashing-worker.ts', { workers: 1, services })
    await cluster.ask('start')
    await expect(cluster.ask('stop')).rejects.toMatchObject({
      code: 'LOCKSTEP_CLUSTER_SERVICE_FAILED',
      message: 'The primary service ./unclosable-service.ts failed to close: the service stays',
    })
    await cluster.line(/good service closed/)
    expect((await cluster.ask('status')).state).toBe('stopped')
  })

  test('that is asked for by name has to be there, and has to be one', async () => {
    await using missing = new SupervisedCluster('crashing-worker.ts', { services: ['@lockstep/nowhere'] })
    await expect(missing.ask('start')).rejects.toThrow("Cannot find module '@lockstep/nowhere'")
    await using wrong = new SupervisedCluster('crashing-worker.ts', { services: ['../ask.ts'] })
    await expect(wrong.ask('start')).rejects.toThrow('does not export start()')
  })
})

/** A script in a folder of its own, where nothing is installed. */
async function project(path: string): Promise<string> {
  const script = join(path, 'worker.mjs')
  const { pathname } = new URL('../src/worker.ts', import.meta.url)
  await writeFile(script, `import { joinCluster } from ${JSON.stringify(pathname)}; joinCluster().ready()`)
  return script
}

describe('the services of our own packages', () => {
  test('are left out where they are not installed', async () => {
    await using folder = await temporaryFolder()
    await using cluster = new SupervisedCluster(await project(folder.path), { workers: 1 })
    await cluster.ask('start')
    expect((await cluster.ask('status')).state).toBe('running')
  })

  test('are started where they are', async () => {
    await using folder = await temporaryFolder()
    const host = join(folder.path, 'node_modules/@lockstep/state-memory')
    await mkdir(host, { recursive: true })
    await writeFile(join(host, 'package.json'), JSON.stringify({ type: 'module', exports: { './host': './host.js' } }))
    await writeFile(
      join(host, 'host.js'),
      `export const start = async () => (console.log('host started'), { env: {}, close: async () => {} })`,
    )
    await using cluster = new SupervisedCluster(await project(folder.path), { workers: 1 })
    await cluster.ask('start')
    await cluster.line(/host started/)
    expect((await cluster.ask('status')).state).toBe('running')
  })
})
