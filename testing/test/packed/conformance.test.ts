import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import type { Run } from '../../src/packed/run.ts'
import { startRedis } from '../../src/servers/redis.ts'
import { type App, missing, onEachNode } from './on-each-node.ts'

/** Milliseconds. The suite takes about fifteen seconds and waits for most of them, so that several run side by side. */
const patience = 120_000

/** Every promise has passed its test, and nothing else was said. */
const kept = { code: 0, signal: null, stderr: '', failures: [], unproved: 0 }

const redis = await startRedis()
missing('the contract on Redis, from the packed packages', redis)
afterAll(async () => {
  if ('stop' in redis) await redis.stop()
})

await onEachNode('the contract, by node:test,', defineSuites, { concurrent: true })

function defineSuites({ name, run }: App): void {
  test('is kept in memory', { timeout: patience }, async () => {
    expect(verdict(await run('conformance-memory.mjs', [], { patience }))).toEqual(kept)
  })

  test('is kept over a host in another process', { timeout: patience }, async () => {
    expect(verdict(await run('conformance-host.mjs', [], { patience }))).toEqual(kept)
  })

  test.skipIf('unavailable' in redis)('is kept on Redis', { timeout: patience }, async () => {
    const url = 'url' in redis ? redis.url : ''
    const args = [url, `packed:${name}:${randomUUID()}:`]
    expect(verdict(await run('conformance-redis.mjs', args, { patience }))).toEqual(kept)
  })
}

function verdict({ stdout, ...rest }: Run): object {
  const failures = stdout.split(/^# Subtest: /m).filter((report) => /^ *not ok/m.test(report))
  const promises = Number(/^(?:# )?(\d+) promises$/m.exec(stdout)?.[1])
  const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1])
  return { ...rest, failures, unproved: promises - passed }
}
