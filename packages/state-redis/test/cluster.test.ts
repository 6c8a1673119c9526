import { createClusterState } from '@lockstep/state'
import { redis } from '@lockstep/state-redis'
import { startRedisCluster } from '@lockstep/testing/servers/redis-cluster'
import { Cluster } from 'ioredis'
import { afterAll, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('Redis Cluster', startRedisCluster, ({ primaries, replicas }) => {
  const cluster = new Cluster(primaries.map(({ host, port }) => ({ host, port })))
  afterAll(() => cluster.disconnect())

  test('a passed client serves all slots, wakes waiters, and stays open', async () => {
    const state = await createClusterState({ adapter: redis({ client: cluster }) })
    const other = await createClusterState({ adapter: redis({ client: cluster }) })
    const names = Array.from({ length: 50 }, (_, index) => `name ${index}`)
    const counted = await Promise.all(names.map((name) => state.counters.add(name, 1, { operationId: 'once' })))
    expect(counted.every(({ applied }) => applied)).toBe(true)
    await expect(
      state.counters.addAll([
        { name: 'a', delta: 1 },
        { name: 'b', delta: 1 },
      ]),
    ).rejects.toThrow(/tag/)
    const lease = await state.locks.acquire('lock')
    const waiting = other.locks.acquire('lock', { wait: 20_000 })
    await expect.poll(async () => (await state.locks.inspect('lock')).waiters).toBe(1)
    const released = performance.now()
    await lease.release()
    await waiting
    expect(performance.now() - released).toBeLessThan(1_500)
    expect((await state.health()).adapters[0]?.durability).toMatch(/gone when the server ends/)
    await state.close()
    await other.close()
    expect(await cluster.set('mine', '1')).toBe('OK')
  })

  // The last one: the Cluster does not recover from it.
  test('a Cluster that is down: refused in bounded time, with a code and what is wrong', async () => {
    await using state = await createClusterState({ adapter: redis({ cluster: { nodes: primaries } }) })
    const names = Array.from({ length: 30 }, (_, index) => `name ${index}`)
    await Promise.all(names.map((name) => state.counters.add(name, 1)))
    await Promise.all([primaries[0]?.kill(), replicas[0]?.kill()])
    // Until its nodes agree that it is down, those that are left go on.
    await expect
      .poll(async () => String(await primaries[1]?.command('CLUSTER', 'INFO')))
      .toContain('cluster_state:fail')
    const started = performance.now()
    const settled = await Promise.allSettled(names.map((name) => state.counters.add(name, 1, { timeout: 1_000 })))
    expect(performance.now() - started).toBeLessThan(5_000)
    const reasons = settled.map((result) => (result.status === 'rejected' ? (result.reason as Error) : undefined))
    expect(reasons.filter((reason) => reason === undefined)).toEqual([])
    for (const reason of reasons) {
      expect(reason).toMatchObject({ code: expect.stringMatching(/^LOCKSTEP_(UNAVAILABLE|OUTCOME_UNKNOWN)$/) })
    }
    // What was for the dead node ioredis still has when its time is over; the others were told by a node.
    const told = reasons.filter((reason) => reason?.message.includes('CLUSTERDOWN'))
    expect(told.length).toBeGreaterThan(5)
    for (const reason of told) {
      expect(reason?.message).toContain(`the Cluster of ${primaries[0]?.host}:${primaries[0]?.port}`)
    }
  })
})
