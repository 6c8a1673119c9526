import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { OwnRedisServer } from '../src/servers/redis.ts'
import { type RedisCluster, startRedisCluster } from '../src/servers/redis-cluster.ts'
import { available, withoutRedis } from './available.ts'
import { remains, tracesOf } from './remains.ts'

/** A name for each primary, with its slot. */
const names = [
  { name: 'stock:1', slot: 1603 },
  { name: 'stock:3', slot: 9729 },
  { name: 'stock:2', slot: 13_856 },
]

test('without a redis-server we are told how to get one', async () => {
  vi.stubEnv('PATH', '')
  expect(await startRedisCluster()).toEqual({ unavailable: expect.stringContaining('apt-get install') })
  vi.unstubAllEnvs()
})

describe.skipIf(withoutRedis)(`three primaries and their replicas${withoutRedis}`, () => {
  let cluster: RedisCluster

  beforeAll(async () => {
    const options = ['--cluster-require-full-coverage', 'no', '--requirepass', 'secret']
    cluster = available(await startRedisCluster(options))
  })

  afterAll(() => cluster.stop())

  test('every name is served by the primary of its slot, and the others name that one', async () => {
    for (const [index, { name, slot }] of names.entries()) {
      const owner = await cluster.ownerOf(slot)
      expect(owner).toBe(cluster.primaries[index])
      expect(await owner.command('SET', name, 'some')).toBe('OK')
      for (const node of cluster.nodes.filter((each) => each !== owner)) {
        await expect(node.command('GET', name)).rejects.toThrow(`MOVED ${slot} 127.0.0.1:${owner.port}`)
      }
    }
  })

  test('the first and the last slot have an owner too', async () => {
    expect(await cluster.ownerOf(0)).toBe(cluster.primaries[0])
    expect(await cluster.ownerOf(16_383)).toBe(cluster.primaries[2])
  })

  test('a name reaches the replica of its primary', async () => {
    for (const [index, { name }] of names.entries()) {
      await expect.poll(() => countOf(cluster.replicas[index], name)).toBe(1)
    }
  })

  test('when a primary ends, its replica takes over, with the data, and the others go on', async () => {
    await cluster.primaries[1]?.kill()
    expect(await cluster.primaries[0]?.command('GET', 'stock:1')).toBe('some')
    const successor = await cluster.ownerOf(9729)
    expect(successor).toBe(cluster.replicas[1])
    expect(await successor.command('GET', 'stock:3')).toBe('some')
    expect(await successor.command('SET', 'stock:3', 'more')).toBe('OK')
  })

  test('who comes back follows the one that took over', async () => {
    await cluster.primaries[1]?.restart()
    await expect.poll(() => countOf(cluster.primaries[1], 'stock:3')).toBe(1)
    await expect.poll(() => cluster.primaries[1]?.command('INFO', 'replication')).toContain('role:slave')
    expect(await cluster.ownerOf(9729)).toBe(cluster.replicas[1])
  })

  test('a paused primary is replaced, and owns nothing when it is resumed', async () => {
    await cluster.primaries[2]?.pause()
    expect(await cluster.ownerOf(13_856)).toBe(cluster.replicas[2])
    cluster.primaries[2]?.resume()
    expect(await cluster.ownerOf(13_856)).toBe(cluster.replicas[2])
  })

  test('nothing is left of them when they have been stopped', async () => {
    const all = cluster.nodes.map(tracesOf)
    await cluster.stop()
    expect(await remains(all)).toEqual([])
  })
})

/** How many names of this slot the node has; a replica that is asked for a name would send us to its primary. */
async function countOf(node: OwnRedisServer | undefined, name: string): Promise<unknown> {
  return node?.command('CLUSTER', 'COUNTKEYSINSLOT', String(await node.command('CLUSTER', 'KEYSLOT', name)))
}
