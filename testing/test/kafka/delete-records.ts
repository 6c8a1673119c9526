import { randomUUID } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import { expect, test } from 'vitest'
import { client, createTopic, messages, Reader, withAdmin } from './clients.ts'
import type { Ground } from './ground.ts'

export function proveDeleteRecords(ground: () => Ground): void {
  test('deleting records moves the start of the log, and never back', async () => {
    const { topic, kafka } = await tenRecords(ground)
    const start = async (): Promise<unknown> => withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic))
    expect(await start()).toMatchObject([{ low: '5', high: '10' }])
    await deleteBefore(kafka, topic, '2')
    expect(await start()).toMatchObject([{ low: '5', high: '10' }])
  })

  test('a consumer whose place is gone reads on at the start of the log, if it is to begin there', async () => {
    const { topic, kafka, groupId } = await tenRecords(ground)
    await using reader = await new Reader(kafka, { topic, groupId }).run()
    await expect.poll(() => reader.values).toEqual(['5', '6', '7', '8', '9'])
    expect(reader.crashes).toEqual([])
  })

  test('by default it skips all that is there, and says nothing', async () => {
    const { topic, kafka, groupId } = await tenRecords(ground)
    await using reader = await new Reader(kafka, { topic, groupId, fromBeginning: false }).run()
    const producer = kafka.producer()
    await producer.connect()
    let sent = 0
    // It looks for the end of the log in its own time: what is sent until then it skips too.
    const send = async (): Promise<number> => {
      await producer.send({ topic, messages: messages(`new ${sent++}`) })
      return reader.records.length
    }
    await expect.poll(send).toBeGreaterThan(0)
    await producer.disconnect()
    expect(reader.values[0]).toMatch('new')
    expect(reader.crashes).toEqual([])
  })
}

/** A topic with ten records, the first five deleted, and a group that stands at the third. */
async function tenRecords(ground: () => Ground): Promise<{ topic: string; kafka: Kafka; groupId: string }> {
  const kafka = client(ground().kafka.direct)
  const topic = await createTopic(ground())
  const groupId = randomUUID()
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: messages(...Array.from({ length: 10 }, (_, index) => String(index))) })
  await producer.disconnect()
  // admin.setOffsets() would take 5 s: it fetches with a consumer of its own.
  await using reader = await new Reader(kafka, { topic, groupId }).run()
  await reader.consumer.commitOffsets([{ topic, partition: 0, offset: '2' }])
  await deleteBefore(kafka, topic, '5')
  return { topic, kafka, groupId }
}

function deleteBefore(kafka: Kafka, topic: string, offset: string): Promise<void> {
  return withAdmin(kafka, async (admin) => {
    // It knows the leaders of topics alone that it was asked about before.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] })
  })
}
