import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { client, createTopic, messages, Reader, withAdmin } from './clients.ts'
import { type Ground, spread, tell } from './ground.ts'

export const times = 100

export function proveLatency(ground: () => Ground): void {
  test('a record is acknowledged, and read, in milliseconds', async () => {
    expect(await measureSends(ground)).toBe(2 * times + 1)
  })

  test('to read takes a group: kafkajs has no other way in its public API', async () => {
    const kafka = client(ground().kafka.direct)
    expect(() => kafka.consumer({ groupId: '' })).toThrow('Consumer groupId must be a non-empty string')
    const { consumer } = new Reader(kafka, { topic: 'none' })
    expect(Object.keys(consumer)).not.toContain('assign')
    expect(Object.keys(kafka.admin())).not.toContain('fetch')
  })

  test('where the log ends is asked without a group', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground())
    const latency = await withAdmin(kafka, (admin) =>
      spread(times, async () => {
        expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: '0', high: '0' }])
      }),
    )
    tell(ground(), 'fetchTopicOffsets', latency)
  })
}

/** One record at a time, to all replicas, from the second on: the first has to connect. Resolves with how many were read. */
export async function measureSends(ground: () => Ground): Promise<number> {
  const kafka = client(ground().kafka.direct)
  const topic = await createTopic(ground())
  const producer = kafka.producer({ idempotent: true })
  await producer.connect()
  const send = async (): Promise<void> => {
    const [sent] = await producer.send({ topic, acks: -1, messages: messages('one') })
    expect(sent).toMatchObject({ errorCode: 0 })
  }
  await send()
  tell(ground(), 'send', await spread(times, send))

  const news = new EventEmitter()
  const onBatch = async (): Promise<void> => {
    news.emit('batch')
  }
  await using reader = new Reader(kafka, { topic, onBatch })
  await reader.run()
  await expect.poll(() => reader.records.length).toBe(times + 1)
  const roundTrip = async (): Promise<void> => {
    await Promise.all([once(news, 'batch'), send()])
  }
  tell(ground(), 'send and read', await spread(times, roundTrip))
  await producer.disconnect()
  return reader.records.length
}
