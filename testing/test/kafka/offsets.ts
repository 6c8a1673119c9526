import type { Kafka } from 'kafkajs'
import { expect, test } from 'vitest'
import { client, createTopic, messages, Reader, withAdmin } from './clients.ts'
import type { Ground } from './ground.ts'

const limit = 4_096

export function proveOffsets(ground: () => Ground): void {
  test(`an offset carries up to ${limit} characters of metadata, and no more`, async () => {
    const { kafka, topic } = await fiveRecords(ground)
    await using reader = await new Reader(kafka, { topic }).run()
    const commit = (metadata: string): Promise<void> =>
      reader.consumer.commitOffsets([{ topic, partition: 0, offset: '3', metadata }])
    const committed = async (): Promise<unknown> => {
      const [found] = await withAdmin(kafka, (admin) =>
        admin.fetchOffsets({ groupId: reader.groupId, topics: [topic] }),
      )
      return found?.partitions[0]
    }
    for (const letter of ['x', 'é']) {
      await commit(letter.repeat(limit))
      expect(await committed()).toMatchObject({ offset: '3', metadata: letter.repeat(limit) })
      await expect(commit(letter.repeat(limit + 1))).rejects.toMatchObject({
        cause: { type: 'OFFSET_METADATA_TOO_LARGE' },
      })
    }
    expect(await committed()).toMatchObject({ offset: '3', metadata: 'é'.repeat(limit) })
  })

  test('a consumer that is stopped and run again reads on from what was committed, else from the start', async () => {
    const { kafka, topic } = await fiveRecords(ground)
    await using reader = await new Reader(kafka, { topic }).run()
    await expect.poll(() => reader.values).toEqual(['0', '1', '2', '3', '4'])
    await reader.consumer.stop()
    await reader.resume()
    await expect.poll(() => reader.values.slice(5)).toEqual(['0', '1', '2', '3', '4'])
    await reader.consumer.commitOffsets([{ topic, partition: 0, offset: '3' }])
    await reader.consumer.stop()
    await reader.resume()
    await expect.poll(() => reader.values.slice(10)).toEqual(['3', '4'])
  })

  test('a consumer that seeks reads from there, whatever is committed', async () => {
    const { kafka, topic } = await fiveRecords(ground)
    await using reader = await new Reader(kafka, { topic }).run()
    await expect.poll(() => reader.values).toEqual(['0', '1', '2', '3', '4'])
    reader.consumer.seek({ topic, partition: 0, offset: '2' })
    await expect.poll(() => reader.values.slice(5)).toEqual(['2', '3', '4'])
  })

  test('a paused partition brings nothing until it is resumed, and others do', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground(), {}, 2)
    await using reader = await new Reader(kafka, { topic }).run()
    reader.consumer.pause([{ topic, partitions: [1] }])
    const producer = kafka.producer()
    await producer.connect()
    const both = [0, 1].map((partition) => ({ value: 'one', partition }))
    await producer.send({ topic, messages: both })
    await producer.send({ topic, messages: both })
    await producer.disconnect()
    await expect.poll(() => reader.of(0)).toEqual(['one', 'one'])
    expect(reader.of(1)).toEqual([])
    reader.consumer.resume([{ topic, partitions: [1] }])
    await expect.poll(() => reader.of(1)).toEqual(['one', 'one'])
  })
}

async function fiveRecords(ground: () => Ground): Promise<{ kafka: Kafka; topic: string }> {
  const kafka = client(ground().kafka.direct)
  const topic = await createTopic(ground())
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: messages('0', '1', '2', '3', '4') })
  await producer.disconnect()
  return { kafka, topic }
}
