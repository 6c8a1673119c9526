import { createClusterState, type ClusterState } from '@lockstep/state'
import { redis, type RedisClient, type RedisOptions } from '@lockstep/state-redis'
import { freePort } from '@lockstep/testing/ports'
import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'
import { Redis } from 'ioredis'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

const password = 'hunter2-secret'

async function refusal(options: RedisOptions): Promise<Error & { code: string }> {
  const failed = await createClusterState({ adapter: redis(options) }).then(
    async (state) => {
      await state.close()
      throw new Error('it connected')
    },
    (error: unknown) => error,
  )
  return failed as Error & { code: string }
}

describe('options', () => {
  test.each<[unknown, RegExp]>([
    [5, /must be an object/],
    [null, /must be an object/],
    [{ host: 'a' }, /no option host; it knows url, client/],
    [{ url: 'http://127.0.0.1' }, /url must be like redis:/],
    [{ url: `redis//:${password}@x` }, /url must be like redis:/],
    [
      { url: 'redis://a', sentinel: { name: 'a', nodes: [] } },
      /one of url, client, sentinel, cluster; got url and sentinel/,
    ],
    [{ sentinel: { name: 'a', nodes: [] } }, /sentinel must be/],
    [{ cluster: { nodes: [{ host: '' }] } }, /cluster must be/],
    [{ cluster: { nodes: [{ host: 'a', port: 1 }] }, db: 1 }, /no db but 0/],
    [{ cluster: { nodes: [{ host: 'a', port: 1 }] }, waitReplicas: 1 }, /waitReplicas does not work in a Cluster/],
    [{ prefix: 'a{b}' }, /prefix must be/],
    [{ prefix: 'a*' }, /prefix must be/],
    [{ prefix: 'a\n' }, /prefix must be/],
    [{ prefix: 'x'.repeat(65) }, /prefix must be/],
    [{ db: -1 }, /db must be/],
    [{ cohort: 64 }, /cohort must be a whole number from 0 to 63/],
    [{ connectTimeout: 0 }, /connectTimeout must be a whole number of milliseconds from 1 to 60000/],
    [{ commandTimeout: 1.5 }, /commandTimeout must be/],
    [{ waitReplicas: '1' }, /waitReplicas must be/],
    [{ operationRetention: 2 ** 31 }, /operationRetention must be/],
    [{ client: {} }, /client must be a Redis or a Cluster of ioredis/],
  ])('%j is refused', (options, message) => {
    const attempt = (): unknown => redis(options as RedisOptions)
    expect(attempt).toThrow(message)
    expect(attempt).toThrow(expect.objectContaining({ code: 'LOCKSTEP_INVALID_ARGUMENT' }))
    expect(attempt).not.toThrow(password)
  })

  test('a client that is passed in takes no credentials beside it, and no prefix with a tag', () => {
    const client = new Redis({ lazyConnect: true })
    expect(() => redis({ client, password })).toThrow(/password is a matter of the client/)
    const tagged = new Redis({ lazyConnect: true, keyPrefix: '{a}' })
    expect(() => redis({ client: tagged })).toThrow(/keyPrefix/)
  })
})

test('no server at the address: a coded error in bounded time that names host and port', async () => {
  const port = await freePort()
  const started = performance.now()
  const error = await refusal({ url: `redis://user:${password}@127.0.0.1:${port}`, connectTimeout: 300 })
  expect(performance.now() - started).toBeLessThan(2_000)
  expect(error.code).toBe('LOCKSTEP_UNAVAILABLE')
  expect(error.message).toContain(`127.0.0.1:${port}`)
  expect(error.message).toContain('ECONNREFUSED')
  expect(everything(error)).not.toContain(password)
})

test('Sentinels and a Cluster that are not there: the same', async () => {
  const nodes = [{ host: '127.0.0.1', port: await freePort() }]
  for (const options of [{ sentinel: { name: 'mymaster', nodes } }, { cluster: { nodes } }]) {
    const error = await refusal({ ...options, connectTimeout: 300 })
    expect(error).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
    expect(error.message).toContain(`127.0.0.1:${nodes[0]?.port}`)
  }
})

test('a server that accepts and never answers: a coded error in bounded time', async () => {
  const silent: Server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number }
  const error = await refusal({ url: `redis://127.0.0.1:${port}`, connectTimeout: 300 })
  expect(error).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE', message: expect.stringContaining('no answer in 300 ms') })
  silent.close()
})

await withServer('what the Redis adapter says of its server', startOwnRedis, (server: OwnRedisServer) => {
  const raw = new Redis(server.socket)
  let state: ClusterState
  beforeAll(async () => {
    state = await createClusterState({ adapter: redis({ url: server.url }) })
  })
  afterAll(async () => {
    await state.close()
    raw.disconnect()
  })
  afterEach(async () => {
    await raw.config('SET', 'maxmemory', '0', 'requirepass', '', 'min-replicas-to-write', '0')
    await raw.call('REPLICAOF', 'NO', 'ONE')
    await raw.flushall()
  })
  const connections = async (): Promise<number> => {
    const clients = String(await raw.client('LIST'))
    return clients.split('\n').filter((line) => line.includes('name=lockstep')).length
  }
  const everyCall = (): Promise<unknown>[] => [
    state.counters.add('c', 1, { timeout: 500 }),
    state.entries.set('e', 'v', { timeout: 500 }),
    state.locks.acquire('l', { wait: 100, timeout: 500 }),
  ]
  const refusedWith = async (text: RegExp): Promise<void> => {
    for (const call of await Promise.allSettled(everyCall())) {
      const { reason } = call as PromiseRejectedResult
      expect(reason).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
      expect(everything(reason)).toMatch(text)
      expect(everything(reason)).toContain(`${server.host}:${server.port}`)
    }
  }

  test('a wrong password: told at once, without the password', async () => {
    await raw.config('SET', 'requirepass', 'right')
    const started = performance.now()
    const url = `redis://:${password}@${server.host}:${server.port}`
    const error = await refusal({ url })
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(error).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE', message: expect.stringContaining('WRONGPASS') })
    expect(everything(error)).not.toContain(password)
    expect(everything(await refusal({ url: server.url }))).toMatch(/NOAUTH/)
  })

  test('out of memory: refused, nothing applied, and well again afterwards', async () => {
    await raw.config('SET', 'maxmemory', '1')
    await refusedWith(/OOM.*maxmemory/)
    await raw.config('SET', 'maxmemory', '0')
    expect(await state.counters.get('c')).toBe(0)
    expect(await state.counters.add('c', 1)).toMatchObject({ value: 1 })
    await state.counters.delete('c')
  })

  test('a read-only replica: refused', async () => {
    await raw.call('REPLICAOF', '127.0.0.1', String(await freePort()))
    await refusedWith(/READONLY|did not take|no answer|could not be had/)
    await raw.call('REPLICAOF', 'NO', 'ONE')
    await expect.poll(() => state.counters.add('c', 0).then(() => 'well')).toBe('well')
  })

  test('too few replicas for min-replicas-to-write: refused', async () => {
    await raw.config('SET', 'min-replicas-to-write', '1')
    await refusedWith(/NOREPLICAS/)
    await raw.config('SET', 'min-replicas-to-write', '0')
    expect(await state.counters.get('c')).toBe(0)
  })

  test('a key of another type in the way: refused, with the advice to choose another prefix', async () => {
    await raw.flushall()
    await raw.set('lockstep:{c}:counter', 'mine')
    await raw.set('lockstep:{e}:entry', 'mine')
    await raw.hset('lockstep:{l}:lock', 'mine', '1')
    await refusedWith(/WRONGTYPE.*prefix/)
    expect(await raw.get('lockstep:{c}:counter')).toBe('mine')
  })

  test('a server that is still loading is waited for', async () => {
    // Not a server's own loading, which is over too soon to meet: a script that runs refuses others the same way.
    const busy = new Redis(server.url)
    await raw.config('SET', 'busy-reply-threshold', '10')
    const running = busy.eval(
      "local t = redis.call('TIME')[1] + 1 while redis.call('TIME')[1] + 0 < t do end return 1",
      0,
    )
    expect(await state.counters.add('c', 0)).toMatchObject({ applied: true })
    await running
    busy.disconnect()
  })

  test('health names the setting that weakens each promise', async () => {
    const { adapters } = await state.health()
    expect(adapters[0]).toMatchObject({
      name: 'redis',
      status: 'degraded',
      primitives: ['locks', 'counters', 'entries'],
    })
    expect(adapters[0]?.durability).toMatch(/gone when the server ends/)
    expect(adapters[0]?.warnings).toEqual([expect.stringMatching(/^appendonly no/)])
    const read = async (settings: string[]): Promise<{ durability: string; warnings: readonly string[] }> => {
      await raw.config('SET', ...(settings as [string, string]))
      await using fresh = await createClusterState({ adapter: redis({ url: server.url }) })
      const [health] = (await fresh.health()).adapters
      return { durability: health?.durability ?? '', warnings: health?.warnings ?? [] }
    }
    expect(await read(['appendonly', 'yes', 'appendfsync', 'everysec'])).toEqual({
      durability: expect.stringMatching(/last second or two .* everysec/),
      warnings: [expect.stringMatching(/^appendfsync everysec/)],
    })
    expect(await read(['appendfsync', 'always'])).toEqual({
      durability: expect.stringMatching(/survive a crash of the server \(appendfsync always\)/),
      warnings: [],
    })
    expect(await read(['maxmemory-policy', 'volatile-lru'])).toMatchObject({
      warnings: [expect.stringMatching(/^maxmemory-policy volatile-lru/)],
    })
    await raw.config('SET', 'maxmemory-policy', 'noeviction', 'appendonly', 'no', 'appendfsync', 'everysec')
    expect(await read(['save', '3600 1'])).toMatchObject({
      durability: expect.stringMatching(/since the last snapshot/),
    })
    await raw.config('SET', 'save', '')
  })

  test('what is dangerous about a passed client is a warning by name, and it stays open', async () => {
    const client: RedisClient & Redis = new Redis(server.url, {
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: null,
      enableAutoPipelining: true,
      retryStrategy: null,
    })
    await client.ping()
    const listeners = (): number[] => ['ready', 'end', 'message'].map((event) => client.listenerCount(event))
    const before = listeners()
    const passed = await createClusterState({ adapter: redis({ client }) })
    const { adapters } = await passed.health()
    for (const name of [
      'autoResendUnfulfilledCommands',
      'maxRetriesPerRequest',
      'commandTimeout',
      'reconnectOnError',
      'retryStrategy',
      'enableAutoPipelining',
    ]) {
      expect(adapters[0]?.warnings).toContainEqual(expect.stringContaining(`the client's ${name}`))
    }
    await passed.close()
    expect(listeners()).toEqual(before)
    expect(await client.ping()).toBe('PONG')
    client.disconnect()
  })

  test('a passed client that is closed under the state: every call is refused, none hangs', async () => {
    const client = new Redis(server.url)
    const passed = await createClusterState({ adapter: redis({ client }) })
    client.disconnect()
    await expect.poll(() => client.status).toBe('end')
    await expect(passed.counters.add('c', 1)).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
    await expect(passed.locks.acquire('l', { wait: 100, timeout: 200 })).rejects.toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
    })
    await passed.close()
  })

  test('with RESP3 there is one connection, with RESP2 there are two, and none is left after close', async () => {
    const before = await connections()
    const one = await createClusterState({ adapter: redis({ url: server.url }) })
    expect(await connections()).toBe(before + 1)
    const client = new Redis(server.url, { protocol: 2, connectionName: 'lockstep' })
    const two = await createClusterState({ adapter: redis({ client }) })
    expect(await connections()).toBe(before + 3)
    await one.close()
    await two.close()
    client.disconnect()
    await expect.poll(connections).toBe(before)
  })
})

function everything(error: unknown): string {
  const { message, stack, cause } = error as Error
  return [message, stack, JSON.stringify(error), cause === undefined ? '' : everything(cause)].join('\n')
}
