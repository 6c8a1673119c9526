import { createClusterState, monotonic, Turn } from '@lockstep/state'
import { redis } from '@lockstep/state-redis'
import { startFaultProxy } from '@lockstep/testing/proxy'
import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'
import { Redis } from 'ioredis'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { RedisCounters } from '../src/counters.ts'
import { Courier } from '../src/courier.ts'
import { Keys } from '../src/keys.ts'
import { withServer } from '@lockstep/testing/with-server'

await withServer('how requests reach Redis', startOwnRedis, (server: OwnRedisServer) => {
  test('a client that is wrong about the clock of the server learns it from a refusal, and the write is applied once', async () => {
    const client = new Redis(server.url)
    await client.ping()
    // It has not asked for the time, and so takes the server to be at its own.
    const courier = new Courier({ client, address: 'here', commandTimeout: 1_000, replicas: undefined })
    const store = {
      courier,
      keys: new Keys('clock:'),
      client: 'me',
      operationRetention: 1_000,
      cluster: false,
      turn: new Turn(),
    }
    const counters = new RedisCounters(store)
    const call = { deadline: monotonic() + 2_000 }
    expect(await counters.apply({ name: 'c', sequence: 1, changes: [{ kind: 'add', delta: 5 }] }, call)).toMatchObject([
      { applied: true, value: 5 },
    ])
    const late = { deadline: monotonic() - 100 }
    await expect(
      counters.apply({ name: 'c', sequence: 2, changes: [{ kind: 'add', delta: 5 }] }, late),
    ).rejects.toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
    })
    expect(await counters.read('c', undefined, call)).toBe(5)
    courier.close()
    client.disconnect()
  })

  test('a reply that is lost is asked for again, and the list of changes counts once', async () => {
    await using proxy = await startFaultProxy(server)
    await using state = await createClusterState({ adapter: redis({ url: `redis://${proxy.host}:${proxy.port}` }) })
    for (let round = 1; round <= 5; round += 1) {
      proxy.loseNextReply()
      const [counter, entry] = await Promise.all([
        state.counters.add('lost', 1, { operationId: `order ${round}` }),
        state.entries.set('lost', `${round}`),
      ])
      expect(counter).toMatchObject({ applied: true, value: round })
      expect(entry).toMatchObject({ applied: true })
    }
    expect(await state.counters.get('lost')).toBe(5)
  })

  test('a connection that has gone silent is replaced, and the call that met it is answered', async () => {
    await using proxy = await startFaultProxy(server)
    const url = `redis://${proxy.host}:${proxy.port}`
    await using state = await createClusterState({ adapter: redis({ url, commandTimeout: 200 }) })
    await state.counters.add('silent', 1)
    proxy.halfOpen()
    const asked = state.counters.add('silent', 1, { timeout: 5_000 })
    // Long enough that the connection is given up, and the next, which does not get through its handshake, as well.
    await sleep(800)
    proxy.heal()
    expect(await asked).toMatchObject({ value: 2 })
  })

  test('while the server is away calls settle by their timeouts: unknown what was sent, unavailable what was not', async () => {
    await using proxy = await startFaultProxy(server)
    await using state = await createClusterState({ adapter: redis({ url: `redis://${proxy.host}:${proxy.port}` }) })
    await state.counters.add('away', 1)
    proxy.loseReplies()
    const sent = state.counters.add('away', 1, { timeout: 400 })
    await expect(sent).rejects.toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
    proxy.refuse()
    proxy.reset()
    const started = performance.now()
    const calls = [
      state.counters.add('away', 1, { timeout: 300 }),
      state.counters.get('away', { timeout: 300 }),
      state.entries.set('away', 'v', { timeout: 300 }),
      state.locks.acquire('away', { wait: 100, timeout: 300 }),
    ]
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: { code: 'LOCKSTEP_UNAVAILABLE' } })
    }
    expect(performance.now() - started).toBeLessThan(3_000)
    proxy.heal()
    expect(await state.counters.get('away')).toBe(2)
  })

  test('a change whose connection broke before its answer came is unknown when the server stays away', async () => {
    await using proxy = await startFaultProxy(server)
    await using observer = await createClusterState({ adapter: redis({ url: server.url }) })
    await using state = await createClusterState({ adapter: redis({ url: `redis://${proxy.host}:${proxy.port}` }) })
    proxy.loseReplies()
    const change = state.counters.add('broken', 1, { timeout: 1_000 })
    const read = state.counters.get('broken', { timeout: 1_000 })
    const settled = Promise.allSettled([change, read])
    await expect.poll(() => observer.counters.get('broken')).toBe(1)
    proxy.refuse()
    proxy.reset()
    expect(await settled).toMatchObject([
      { reason: { code: 'LOCKSTEP_OUTCOME_UNKNOWN' } },
      { reason: { code: 'LOCKSTEP_UNAVAILABLE' } },
    ])
  })

  test('a change that was sent is unknown though its repeat is refused', async () => {
    await using proxy = await startFaultProxy(server)
    await using observer = await createClusterState({ adapter: redis({ url: server.url }) })
    const raw = new Redis(server.url)
    try {
      await raw.call('ACL', 'SETUSER', 'passing', 'on', '>secret', '~*', '&*', '+@all')
      const url = `redis://passing:secret@${proxy.host}:${proxy.port}`
      await using state = await createClusterState({ adapter: redis({ url }) })
      proxy.loseReplies()
      const change = state.counters.add('withdrawn', 1).catch((error: unknown) => error)
      await expect.poll(() => observer.counters.get('withdrawn')).toBe(1)
      await raw.call('ACL', 'SETUSER', 'passing', '-evalsha', '-eval')
      proxy.heal()
      proxy.reset()
      expect(await change).toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
      await expect(state.counters.add('withdrawn', 1)).rejects.not.toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
    } finally {
      await raw.call('ACL', 'DELUSER', 'passing')
      raw.disconnect()
    }
  })

  test('a waiter whose wake-up was lost with the connection is served as soon as that is back', async () => {
    await using proxy = await startFaultProxy(server)
    await using holder = await createClusterState({ adapter: redis({ url: server.url }) })
    await using waiter = await createClusterState({ adapter: redis({ url: `redis://${proxy.host}:${proxy.port}` }) })
    const lease = await holder.locks.acquire('woken', { ttl: 60_000 })
    const waiting = waiter.locks.acquire('woken', { wait: 30_000 })
    await expect.poll(async () => (await holder.locks.inspect('woken')).waiters).toBe(1)
    proxy.loseReplies()
    await lease.release()
    proxy.heal()
    const healed = performance.now()
    const next = await waiting
    expect(next.token).toBeGreaterThan(lease.token)
    expect(performance.now() - healed).toBeLessThan(5_000)
  })
})
