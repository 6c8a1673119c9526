import { expect, test } from 'vitest'
import { client, createTopic, ends, messages, Reader } from './clients.ts'
import { type ProxiedGround, tell } from './ground.ts'

/** Tries until two sends at once were seen to spoil each other; it takes one or two. */
const rounds = 50

export function proveIdempotence(ground: () => ProxiedGround): void {
  test('a send whose answer was lost is sent again: twice in the log, once with an idempotent producer', async () => {
    const direct = client(ground().kafka.direct)
    const topic = await createTopic(ground())
    for (const idempotent of [false, true]) {
      const producer = client(ground().kafka.brokers).producer({ idempotent })
      await producer.connect()
      await producer.send({ topic, messages: messages('first') })
      const [before = 0] = await ends(direct, topic)
      ground().proxy.loseNextReply()
      const [sent] = await producer.send({ topic, messages: messages('second', 'third') })
      expect(Number(sent?.baseOffset)).toBe(idempotent ? before : before + 2)
      expect(await ends(direct, topic)).toEqual([before + (idempotent ? 2 : 4)])
      await producer.disconnect()
    }
  })

  test('sends at the same time of one idempotent producer all arrive once while no answer is lost', async () => {
    const direct = client(ground().kafka.direct)
    const topic = await createTopic(ground())
    const producer = direct.producer({ idempotent: true })
    await producer.connect()
    const values = Array.from({ length: 50 }, (_, index) => String(index))
    await Promise.all(values.map((value) => producer.send({ topic, messages: messages(value) })))
    await producer.disconnect()
    expect((await readAll(ground, topic)).toSorted()).toEqual(values.toSorted())
  })

  // https://github.com/tulios/kafkajs/issues/1005
  test('with an answer lost, one of two sends at the same time is acknowledged and not in the log, the other is in it twice', async () => {
    const topic = await createTopic(ground())
    const producer = client(ground().kafka.brokers).producer({ idempotent: true })
    await producer.connect()
    await producer.send({ topic, messages: messages('first') })
    const acknowledged = ['first']
    let log: readonly string[] = []
    for (let round = 0; round < rounds && new Set(log).size === log.length; round++) {
      const values = [`${round} one`, `${round} other`]
      ground().proxy.loseNextReply()
      await Promise.all(values.map((value) => producer.send({ topic, messages: messages(value) })))
      acknowledged.push(...values)
      log = await readAll(ground, topic)
    }
    await producer.disconnect()
    const lost = acknowledged.filter((value) => !log.includes(value))
    tell(
      ground(),
      'two idempotent sends at once and a lost answer',
      `went wrong in round ${(acknowledged.length - 1) / 2}`,
    )
    expect(lost).toHaveLength(1)
    expect(log).toHaveLength(acknowledged.length)
  })

  test('after a send that was given up, the next of an idempotent producer is acknowledged and not in the log', async () => {
    const topic = await createTopic(ground())
    const retry = { retries: 1, initialRetryTime: 50 }
    const producer = client(ground().kafka.brokers, { retry, requestTimeout: 300, connectionTimeout: 300 }).producer({
      idempotent: true,
    })
    await producer.connect()
    await producer.send({ topic, messages: messages('first') })
    ground().proxy.loseReplies()
    await expect(producer.send({ topic, messages: messages('given up') })).rejects.toMatchObject({
      name: 'KafkaJSNumberOfRetriesExceeded',
    })
    ground().proxy.heal()
    const [next] = await producer.send({ topic, messages: messages('next') })
    await producer.disconnect()
    expect(next).toMatchObject({ errorCode: 0, baseOffset: '1' })
    expect(await readAll(ground, topic)).toEqual(['first', 'given up'])
  })
}

/** What is in partition 0. */
async function readAll(ground: () => ProxiedGround, topic: string): Promise<readonly string[]> {
  const direct = client(ground().kafka.direct)
  const [end] = await ends(direct, topic)
  await using reader = await new Reader(direct, { topic }).run()
  await expect.poll(() => reader.records.length).toBe(end)
  return reader.values
}
