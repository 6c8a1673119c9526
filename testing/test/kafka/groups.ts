import { expect, test } from 'vitest'
import { TestProcess } from '../../src/processes.ts'
import type { Handlers } from '../fixtures/kafka.ts'
import { client, createTopic, Reader } from './clients.ts'
import { type Ground, soak, tell, timed } from './ground.ts'

export function proveGroups(ground: () => Ground): void {
  for (const heartbeatInterval of soak ? [200, 3_000] : [200]) {
    test(`members share the partitions and take over from one that leaves (heartbeat every ${heartbeatInterval} ms)`, async () => {
      const kafka = client(ground().kafka.direct)
      const topic = await createTopic(ground(), {}, 2)
      await using one = new Reader(kafka, { topic, heartbeatInterval })
      const join = await joinAlone(one)
      const { groupId } = one
      const other = new Reader(kafka, { topic, groupId, heartbeatInterval })
      const shared = Promise.all([one.joined(), other.joined()])
      const rejoin = await timed(async () => {
        await other.run()
        await shared
      })
      expect(new Set((await shared).flat())).toEqual(new Set([0, 1]))
      const back = one.joined()
      const leave = await timed(async () => {
        await other.consumer.disconnect()
        await back
      })
      expect(await back).toEqual([0, 1])
      const figures = [`first member ${ms(join)}`, `second member ${ms(rejoin)}`, `after a leave ${ms(leave)}`]
      tell(ground(), `a group with a heartbeat every ${heartbeatInterval} ms`, ...figures)
    })
  }

  test('what a crashed member had is missed until its session times out', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground(), {}, 2)
    const sessionTimeout = 1_500
    await using one = await new Reader(kafka, { topic, sessionTimeout, heartbeatInterval: 200 }).run()
    await using other = new TestProcess<Handlers>(new URL('../fixtures/kafka.ts', import.meta.url))
    const shared = one.joined()
    await other.ask('join', ground().kafka.direct, topic, one.groupId, sessionTimeout)
    expect(await shared).toHaveLength(1)
    const back = one.joined()
    const crash = await timed(async () => {
      await other.kill()
      await back
    })
    expect(await back).toEqual([0, 1])
    tell(ground(), `after a crash, with a session timeout of ${sessionTimeout} ms`, ms(crash))
    // The last heartbeat may be a little old.
    expect(crash).toBeGreaterThan(sessionTimeout / 2)
  })
}

/** Milliseconds until the first member of a group has both partitions. */
export async function joinAlone(reader: Reader): Promise<number> {
  const joined = reader.joined()
  const join = await timed(() => reader.run())
  expect(await joined).toEqual([0, 1])
  return join
}

function ms(duration: number): string {
  return `${duration.toFixed()} ms`
}
