import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { addsUp, agreesWithModel, type Caller } from '@lockstep/conformance'
import { createClusterState } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import { start, startHost, type MemoryHost } from '@lockstep/state-memory/host'
import { type Member, startMember } from '@lockstep/testing/members/members'
import { TestProcess } from '@lockstep/testing/processes'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { handlers as primaryHandlers } from './fixtures/primary.ts'
import { memoryWith } from './primary.ts'

function member(host: MemoryHost): Promise<Member> {
  return startMember(memoryWith(host.env))
}

describe('two worker processes of one host', () => {
  let host: MemoryHost
  let members: [Member, Member]

  beforeAll(async () => {
    host = await start()
    members = await Promise.all([member(host), member(host)])
  })

  afterAll(async () => {
    for (const process of members) await process[Symbol.asyncDispose]()
    await host.close()
  })

  const callers = (): Caller[] => members.map((process) => (call) => process.ask('call', call))

  test('random calls from both get the answers of the naive model', async () => {
    await expect(agreesWithModel({ callers: callers(), prefix: 'model:', runs: 40 })).resolves.toBeUndefined()
  })

  test('after random changes at once from both a counter is the sum of what was answered as applied', async () => {
    await expect(addsUp({ callers: callers(), prefix: 'sum:', runs: 40 })).resolves.toBeUndefined()
  })
})

test('the death of a worker frees its leases at once, long before their ttl', async () => {
  const host = await start()
  await using first = await member(host)
  await using second = await member(host)
  const token = await first.ask('acquire', 'till', { ttl: 60_000 })
  const next = second.ask('acquire', 'till', { ttl: 60_000 })
  await first.kill()
  expect(await next).toBeGreaterThan(token)
  await host.close()
})

test('a worker that closes frees its leases at once', async () => {
  const host = await start()
  await using first = await member(host)
  await using second = await member(host)
  await first.ask('acquire', 'till', { ttl: 60_000 })
  const next = second.ask('acquire', 'till', { ttl: 60_000 })
  await first.ask('close')
  expect(await next).toBeGreaterThan(0)
  await host.close()
})

test('a lost link aborts every lease', async () => {
  const host = await start()
  await using holder = await member(host)
  const first = await holder.ask('acquire', 'a', { ttl: 60_000 })
  const second = await holder.ask('acquire', 'b', { ttl: 60_000 })
  await host.close()
  const lost = { held: false, lost: 'LOCKSTEP_LEASE_LOST' }
  await vi.waitFor(async () => {
    expect(await holder.ask('standing', first)).toEqual(lost)
    expect(await holder.ask('standing', second)).toEqual(lost)
  })
})

test('health says that the host is gone, and what an acknowledged write survives', async () => {
  const host = await start()
  await using one = await member(host)
  expect(await one.ask('health')).toMatchObject({
    status: 'up',
    adapters: [
      { name: 'memory', primitives: ['locks', 'counters', 'entries'], durability: expect.stringContaining('primary') },
    ],
  })
  await host.close()
  // An answer is good for a second.
  await vi.waitFor(async () => expect(await one.ask('health')).toMatchObject({ status: 'down' }), 5_000)
})

test('a change that could not be sent before its deadline is unavailable, one that was sent is unknown', async () => {
  await using primary = new TestProcess(new URL('fixtures/host.ts', import.meta.url))
  const { env } = await primary.message<{ env: Record<string, string> }>('host')
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const state = await createClusterState({ adapter: memory() })
  await state.counters.add('stock', 1)
  await primary.stop()
  const sent = state.counters.add('stock', 1, { timeout: 300 })
  await expect(sent).rejects.toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
  await primary.kill()
  await vi.waitFor(async () => expect(await state.health()).toMatchObject({ status: 'down' }), 5_000)
  const started = performance.now()
  const unsent = state.counters.add('stock', 1, { timeout: 300 })
  await expect(unsent).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
  expect(performance.now() - started).toBeLessThan(1_000)
  await state.close()
  vi.unstubAllEnvs()
})

test('the process of the host uses the state of its workers, by direct calls', async () => {
  const host = await start()
  await using worker = await member(host)
  const state = await createClusterState({ adapter: memory() })
  await worker.ask('call', { do: 'counters.add', name: 'both', delta: 1 })
  expect(await state.counters.add('both', 1)).toMatchObject({ value: 2 })
  const token = await worker.ask('acquire', 'till', { ttl: 60_000 })
  const waiting = state.locks.acquire('till')
  await worker.kill()
  expect((await waiting).token).toBeGreaterThan(token)
  await host.close()
  expect(await state.counters.get('both')).toBe(2) // the state ends with the last that uses it
  await state.close()
})

test('the workers of a primary of your own share one state after a single call of startHost()', async () => {
  await using primary = new TestProcess<typeof primaryHandlers>(new URL('fixtures/primary.ts', import.meta.url), {
    args: ['with host'],
  })
  await primary.message('ready')
  expect((await primary.ask('said')).toSorted()).toEqual(['the value is 1', 'the value is 2'])
})

test('a cluster worker without a host is refused and told what to do', async () => {
  await using primary = new TestProcess<typeof primaryHandlers>(new URL('fixtures/primary.ts', import.meta.url), {
    args: ['alone'],
  })
  await primary.message('ready')
  for (const said of await primary.ask('said')) {
    expect(said).toMatch(/UnavailableError: .*no host.*createCluster\(\).*startHost\(\)/)
  }
})

test('worker threads share the state of the host, and one without a host says that it is alone', async () => {
  const options = { execArgv: ['--conditions=@lockstep/source'] }
  const thread = async (): Promise<unknown> =>
    (await once(new Worker(new URL('fixtures/thread.ts', import.meta.url), options), 'message'))[0]
  const host = await startHost()
  expect(await thread()).toEqual({ value: 1, warnings: [] })
  expect(await thread()).toEqual({ value: 2, warnings: [] })
  await host.close()
  expect(await thread()).toEqual({ value: 1, warnings: [expect.stringContaining('this worker thread alone')] })
})

test('a process of PM2 is refused', async () => {
  vi.stubEnv('pm_id', '0')
  await expect(createClusterState({ adapter: memory() })).rejects.toThrow(/PM2.*redis/)
  vi.unstubAllEnvs()
})

test('the address of a host that is gone is refused in bounded time, with what to do', async () => {
  const host = await start()
  await host.close()
  for (const [name, value] of Object.entries(host.env)) vi.stubEnv(name, value)
  await expect(createClusterState({ adapter: memory({ connectTimeout: 500 }) })).rejects.toMatchObject({
    code: 'LOCKSTEP_UNAVAILABLE',
  })
  vi.unstubAllEnvs()
})

test('states of one process share what they keep, and the last one to close ends it', async () => {
  const [a, b] = await Promise.all([
    createClusterState({ adapter: 'memory' }),
    createClusterState({ adapter: memory() }),
  ])
  await a.counters.add('shared', 1)
  expect(await b.counters.get('shared')).toBe(1)
  await a.close()
  expect(await b.counters.get('shared')).toBe(1)
  await b.close()
  const c = await createClusterState({ adapter: memory() })
  expect(await c.counters.get('shared')).toBe(0)
  await c.close()
})

test('options that memory() does not know are refused', async () => {
  expect(() => memory({ timeout: 1 } as object)).toThrow(/no option timeout/)
  expect(() => memory({ connectTimeout: 0 })).toThrow(/connectTimeout/)
  await expect(createClusterState({ adapter: 'memory', options: { connectTimeout: '1' } as object })).rejects.toThrow(
    /connectTimeout/,
  )
})
