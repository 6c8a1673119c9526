import { expect, test } from 'vitest'
import { client, createTopic, Reader, withAdmin } from './clients.ts'
import { type Ground, tell } from './ground.ts'
import { joinAlone } from './groups.ts'
import { measureSends, times } from './latency.ts'
import { underLoad } from './restart.ts'

/** Milliseconds that the group coordinator of this cluster waits for more members of a new group. */
export const initialDelay = 1_000

const safe = { 'min.insync.replicas': '2' }

export function proveThreeNodes(ground: () => Ground): void {
  test('a record is acknowledged by all replicas, and read, in milliseconds', async () => {
    expect(await measureSends(ground)).toBe(2 * times + 1)
  })

  test('the first member of a group waits for the initial delay of the broker', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground(), {}, 2)
    await using reader = new Reader(kafka, { topic })
    const join = await joinAlone(reader)
    tell(ground(), `first member with an initial delay of ${initialDelay} ms`, `${join.toFixed()} ms`)
    expect(join).toBeGreaterThan(initialDelay * 0.9)
  })

  test('the leader of a partition may die: what was acknowledged is there, once and in order, and all goes on', async () => {
    const { failures, acknowledged, log, read } = await underLoad(ground, safe, async (topic) => {
      const leader = ground().kafka.node(await leaderOf(ground, topic))
      await leader.kill()
      await expect.poll(() => leaderOf(ground, topic), { timeout: 20_000 }).not.toBe(leader.id)
      await leader.restart()
    })
    expect(failures).toEqual([])
    expect(log).toEqual(acknowledged)
    expect(read).toEqual(acknowledged)
  }, 60_000)
}

async function leaderOf(ground: () => Ground, topic: string): Promise<number> {
  const alive = ground().kafka.nodes.filter(({ running }) => running)
  const brokers = alive.map(({ host, innerPort }) => `${host}:${innerPort}`)
  const { topics } = await withAdmin(client(brokers), (admin) => admin.fetchTopicMetadata({ topics: [topic] }))
  return topics[0]?.partitions[0]?.leader ?? -1
}
