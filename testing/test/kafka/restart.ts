import type { Kafka } from 'kafkajs'
import { expect, test } from 'vitest'
import { client, createTopic, ends, Reader } from './clients.ts'
import { type Ground, tell } from './ground.ts'
import { Load } from './load.ts'

const partitions = [0, 1]

export function proveRestart(ground: () => Ground): void {
  test('what is on disk outlives a kill: every acknowledged record is there, once and in order, and readers go on', async () => {
    await underLoad(ground, client(ground().kafka.direct), {}, async () => {
      const [node] = ground().kafka.nodes
      await node?.kill()
      await node?.restart()
    })
  })

  test('a broker that stood still goes on where it was', async () => {
    await underLoad(ground, client(ground().kafka.direct), {}, async () => {
      const [node] = ground().kafka.nodes
      await node?.pause()
      // As long as it stands still.
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      node?.resume()
    })
  })
}

/** Does harm while idempotent producers send, each one record at a time, and holds the log and a reader against them. */
export async function underLoad(
  ground: () => Ground,
  kafka: Kafka,
  config: Readonly<Record<string, string>>,
  harm: (topic: string) => Promise<void>,
): Promise<void> {
  const topic = await createTopic(ground(), config, partitions.length)
  const producer = kafka.producer({ idempotent: true })
  await producer.connect()
  await using live = await new Reader(kafka, { topic }).run()
  const loads = partitions.map((partition) => new Load(producer, topic, partition))
  const more = async (): Promise<void> => {
    const goals = loads.map(({ acknowledged }) => acknowledged.length + 20)
    await expect
      .poll(() => loads.every(({ acknowledged }, index) => acknowledged.length >= (goals[index] ?? 0)), {
        timeout: 20_000,
      })
      .toBe(true)
  }
  await more()
  await harm(topic)
  await more()
  await Promise.all(loads.map((load) => load.stop()))
  await producer.disconnect()

  expect(loads.flatMap(({ failures }) => failures)).toEqual([])
  const acknowledged = loads.map((load) => load.acknowledged)
  expect(await ends(kafka, topic)).toEqual(acknowledged.map(({ length }) => length))
  await using fresh = await new Reader(kafka, { topic }).run()
  await expect.poll(() => partitions.map((partition) => fresh.of(partition)), { timeout: 20_000 }).toEqual(acknowledged)
  const seen = (): string[][] => partitions.map((partition) => [...new Set(live.of(partition))])
  await expect.poll(seen, { timeout: 20_000 }).toEqual(acknowledged)
  const again = live.records.length - acknowledged.flat().length
  const longest = Math.max(...loads.map((load) => load.longest))
  const figures = [`${acknowledged.flat().length} records`, `longest send ${longest.toFixed()} ms`]
  tell(ground(), 'under load', ...figures, `reader: ${again} read again, ${live.crashes.length} crashes`)
}
