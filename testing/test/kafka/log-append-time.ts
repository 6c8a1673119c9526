import { expect, test } from 'vitest'
import { client, createTopic, messages, Reader } from './clients.ts'
import type { Ground } from './ground.ts'

export function proveLogAppendTime(ground: () => Ground): void {
  test('with LogAppendTime every reader gets the time of the broker, the same at each reading', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground(), { 'message.timestamp.type': 'LogAppendTime' })
    const producer = kafka.producer()
    await producer.connect()
    const before = Date.now()
    const own = messages('a', 'b').map((message) => ({ ...message, timestamp: '1000' }))
    const [first] = await producer.send({ topic, messages: own })
    const [second] = await producer.send({ topic, messages: messages('c') })
    const after = Date.now()
    await producer.disconnect()
    const [one, other] = [await readTimes(ground, topic, 3), await readTimes(ground, topic, 3)]
    expect(one).toEqual([first?.logAppendTime, first?.logAppendTime, second?.logAppendTime])
    expect(other).toEqual(one)
    expect(Number(one[0])).toBeGreaterThanOrEqual(before)
    expect(Number(one[2])).toBeLessThanOrEqual(after)
  })

  test('with CreateTime readers get what the sender says, each record its own', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground())
    const producer = kafka.producer()
    await producer.connect()
    const own = messages('a', 'b').map((message, index) => ({ ...message, timestamp: String(1000 + index) }))
    const [sent] = await producer.send({ topic, messages: own })
    await producer.disconnect()
    expect(sent?.logAppendTime).toBe('-1')
    expect(await readTimes(ground, topic, 2)).toEqual(['1000', '1001'])
  })
}

async function readTimes(ground: () => Ground, topic: string, count: number): Promise<string[]> {
  await using reader = await new Reader(client(ground().kafka.direct), { topic }).run()
  await expect.poll(() => reader.records.length).toBe(count)
  return reader.records.map(({ timestamp }) => timestamp)
}
