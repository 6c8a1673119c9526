import { createClusterState, monotonic, Turn, type ClusterState } from '@lockstep/state'
import { redis, type RedisOptions } from '@lockstep/state-redis'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { Redis } from 'ioredis'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

// What is in the server, and what becomes of it there.
await withServer('what the Redis adapter stores', startOwnRedis, ({ url }) => {
  const raw = new Redis(url)
  afterAll(() => raw.disconnect())
  const states: ClusterState[] = []
  const open = async (options: RedisOptions = {}): Promise<ClusterState> => {
    const state = await createClusterState({ adapter: redis({ url, ...options }) })
    states.push(state)
    return state
  }
  beforeEach(async () => {
    await raw.flushall()
  })
  afterEach(async () => {
    await Promise.all(states.splice(0).map((state) => state.close()))
  })

  test('every key has the hash tag of its placement, and the prefix', async () => {
    const state = await open({ prefix: 'shop:' })
    const names = ['cart', 'stock:{42}', '}{', '{}', 'a}b', '%7D', 'x{y}z{w}', 'Ä ö']
    for (const name of names) {
      await using lease = await state.locks.acquire(name)
      await state.counters.add(name, 1, { fence: lease, operationId: 'op:1' })
      await state.entries.set(name, name, { fence: lease })
    }
    for (const name of names) {
      expect(await state.counters.get(name)).toBe(1)
      expect(await state.entries.get(name)).toMatchObject({ value: name })
    }
    const keys = await raw.keys('*')
    expect(keys).toHaveLength(names.length * 4)
    for (const key of keys) expect(key).toMatch(/^shop:\{[^}]+\}:(lock|counter|entry|operation)/)
    expect(keys).toEqual(expect.arrayContaining(['shop:{42}:counter:stock:{42}', 'shop:{cart}:lock']))
  })

  test('nothing but counters and entries without a ttl stays for ever', async () => {
    const state = await open()
    const other = await open({ cohort: 0 })
    const lease = await state.locks.acquire('lock')
    const waiter = other.locks.acquire('lock', { wait: 5_000 })
    await expect.poll(() => raw.zcard('lockstep:{lock}:queue')).toBe(1)
    for (const name of ['counter', 'with ttl', 'deleted', 'refused', 'fenced']) {
      const options = { ...(name === 'with ttl' && { ttl: 1_000 }), ...(name === 'fenced' && { fence: lease }) }
      await state.counters.add(name, name === 'refused' ? -1 : 1, { ...options, min: 0, operationId: 'op' })
      await state.entries.set(name, 'value', options)
    }
    await state.counters.get('only read', { fence: lease })
    await state.counters.addAll([
      { name: 'deleted', delta: 1 },
      { name: 'fenced', delta: 1 },
    ])
    await state.counters.delete('deleted')
    await state.entries.delete('deleted', { tombstone: 10_000 })
    await state.entries.delete('refused')
    const endless = []
    for (const key of await raw.keys('*')) if ((await raw.pttl(key)) < 0) endless.push(key)
    expect(endless.toSorted()).toEqual([
      'lockstep:{counter}:counter',
      'lockstep:{counter}:entry',
      'lockstep:{fenced}:counter',
      'lockstep:{fenced}:entry',
    ])
    const day = 86_400_000
    expect(await raw.pttl('lockstep:{only read}:counter')).toBeGreaterThan(day - 60_000)
    expect(await raw.pttl('lockstep:{counter}:operation:2:op')).toBeGreaterThan(day - 60_000)
    const deleted = await raw.pttl('lockstep:{deleted}:entry')
    expect(deleted).toBeGreaterThan(120_000)
    expect(deleted).toBeLessThan(132_000)
    await lease.release()
    await (await waiter).release()
    expect(await raw.exists('lockstep:{lock}:queue', 'lockstep:{lock}:waiters')).toBe(0)
  })

  test('a fence mark outlives the value and its end by a day', async () => {
    const state = await open()
    await using lease = await state.locks.acquire('lock')
    await state.counters.add('c', 1, { fence: lease, ttl: 50 })
    await state.entries.set('e', 'v', { fence: lease, ttl: 50 })
    await expect.poll(() => state.entries.get('e')).toBeNull()
    expect(await raw.pttl('lockstep:{c}:counter')).toBeGreaterThan(86_300_000)
    expect(await raw.pttl('lockstep:{e}:entry')).toBeGreaterThan(86_300_000)
    const stale = { name: 'lock', token: lease.token - 1 }
    await expect(state.counters.add('c', 1, { fence: stale })).rejects.toThrow(/newer holder/)
    await expect(state.entries.get('e', { fence: stale })).rejects.toThrow(/newer holder/)
  })

  test('tokens and versions go on growing after FLUSHALL', async () => {
    const state = await open()
    const lease = await state.locks.acquire('lock')
    const { version } = await state.entries.set('entry', 'a')
    await raw.flushall()
    const next = await (await open()).locks.acquire('lock')
    expect(next.token).toBeGreaterThan(lease.token)
    expect((await state.entries.set('entry', 'b')).version).toBeGreaterThan(version)
    expect(await lease.release()).toBe(false)
  })

  test('after the clock of the server was set back tokens grow, and a lease lasts no longer than it should', async () => {
    const state = await open()
    await (await state.locks.acquire('lock')).release()
    const [token = ''] = (await raw.get('lockstep:{lock}:lock'))?.split(' ') ?? []
    // As if the last grant had been half an hour from now.
    const ahead = Number(token) + 1_800_000_000
    await raw.set('lockstep:{lock}:lock', `${ahead} 0 0 somebody`)
    const lease = await state.locks.acquire('lock', { ttl: 200, autoExtend: false })
    expect(lease.token).toBeGreaterThan(ahead)
    expect((await state.locks.inspect('lock')).expiresIn).toBeLessThanOrEqual(200)
    const next = await (await open()).locks.acquire('lock', { wait: 2_000 })
    // The first process might have handed its lease on eight times.
    expect(next.token).toBeGreaterThan(lease.token + 8)
    expect(lease.held).toBe(false)
    await raw.hset('lockstep:{entry}:entry', { n: ahead })
    expect((await state.entries.set('entry', 'a')).version).toBeGreaterThan(ahead)
  })

  test('an extension keeps the lock as long as it says, with waiters or without', async () => {
    const state = await open()
    const lease = await state.locks.acquire('lock', { ttl: 100, autoExtend: false })
    await lease.extend(60_000)
    expect((await state.locks.inspect('lock')).expiresIn).toBeGreaterThan(59_000)
    expect(await raw.pttl('lockstep:{lock}:lock')).toBeGreaterThan(3_600_000)
    const waiting = (await open()).locks.acquire('lock', { wait: 300 })
    await expect.poll(async () => (await state.locks.inspect('lock')).waiters).toBe(1)
    await lease.extend(120_000)
    await expect(waiting).rejects.toMatchObject({ code: 'LOCKSTEP_LOCK_TIMEOUT' })
    expect((await state.locks.inspect('lock')).expiresIn).toBeGreaterThan(118_000)
    await lease.release()
  })

  test('scripts are loaded again when the server has forgotten them', async () => {
    const state = await open()
    await state.counters.add('c', 1)
    await raw.script('FLUSH')
    expect(await state.counters.add('c', 1)).toMatchObject({ value: 2 })
    await using lease = await state.locks.acquire('lock')
    await raw.script('FLUSH')
    await lease.extend()
    expect(lease.held).toBe(true)
  })

  test('a client that is new to a counter clears away the records of clients that are gone', async () => {
    const state = await open()
    await state.counters.add('c', 1)
    const key = 'lockstep:{c}:counter'
    const now = Math.floor(Date.now() / 1000)
    for (let client = 0; client < 20; client += 1) await raw.hset(key, `s:gone${client}`, `1 ${now - 130} 1,0,-,`)
    await raw.hset(key, 's:recent', `1 ${now - 60} 1,0,-,`)
    await (await open()).counters.add('c', 1)
    const records = (await raw.hkeys(key)).filter((field) => field.startsWith('s:'))
    expect(records).toHaveLength(3)
    expect(records).toContain('s:recent')
  })

  test('an acquire that was cancelled before it arrived is refused when it does', async () => {
    const { locks } = await redis({ url }).connect({ signal: new AbortController().signal, turn: new Turn() })
    const call = { deadline: monotonic() + 5_000 }
    await locks?.cancel({ name: 'lock', owner: 'late' }, call)
    expect(
      await locks?.acquire({ name: 'lock', owner: 'late', ttl: 10_000, wait: 5_000, reserve: 0 }, call),
    ).toMatchObject({
      granted: false,
      place: 0,
    })
    const now = Date.now()
    await raw.hset('lockstep:{lock}:waiters', 'x:old', now - 130_000)
    expect(
      await locks?.acquire({ name: 'lock', owner: 'other', ttl: 10_000, wait: 0, reserve: 0 }, call),
    ).toMatchObject({
      granted: true,
    })
    expect(await raw.hkeys('lockstep:{lock}:waiters')).toEqual(['x:late'])
  })

  test('two databases, and two prefixes, are kept apart', async () => {
    const three = [await open(), await open({ db: 3 }), await open({ prefix: 'other:' })]
    const leases = await Promise.all(three.map((state) => state.locks.acquire('lock', { wait: 0 })))
    expect(leases.map((lease) => lease.held)).toEqual([true, true, true])
    for (const state of three) expect(await state.counters.add('c', 1)).toMatchObject({ value: 1 })
  })

  test('an operation that is repeated by another process is answered with what it was answered first', async () => {
    const first = await open()
    const second = await open()
    const once = await first.counters.add('stock', -2, { min: 0, operationId: 'order 1' })
    expect(once.applied).toBe(false)
    await first.counters.set('stock', 10)
    expect(await second.counters.add('stock', -2, { min: 0, operationId: 'order 1' })).toEqual(once)
    expect(await second.counters.get('stock')).toBe(10)
  })

  test('a hundred thousand names leave no trace in the process', async () => {
    const state = await open()
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    const before = process.memoryUsage().heapUsed
    for (let batch = 0; batch < 20; batch += 1) {
      await Promise.all(Array.from({ length: 5_000 }, (_, index) => state.counters.take(`c${batch}:${index}`)))
    }
    collect()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
  })
})
