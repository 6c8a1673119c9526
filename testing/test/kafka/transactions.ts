import { randomUUID } from 'node:crypto'
import type { Offsets, Producer } from 'kafkajs'
import { expect, test } from 'vitest'
import { TestProcess } from '../../src/processes.ts'
import type { Handlers } from '../fixtures/kafka.ts'
import { client, createTopic, ends, messages, Reader, withAdmin } from './clients.ts'
import { type Ground, tell, timed } from './ground.ts'

export function proveTransactions(ground: () => Ground): void {
  test('what is committed is read, what is aborted only by those who read uncommitted records', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground())
    const producer = await transactional(ground)
    await using committed = await new Reader(kafka, { topic }).run()
    await using uncommitted = await new Reader(kafka, { topic, readUncommitted: true }).run()
    const one = await producer.transaction()
    await one.send({ topic, messages: messages('a') })
    await expect.poll(() => uncommitted.values).toEqual(['a'])
    expect(committed.values).toEqual([])
    await one.commit()
    const other = await producer.transaction()
    await other.send({ topic, messages: messages('b') })
    await other.abort()
    const last = await producer.transaction()
    await last.send({ topic, messages: messages('c') })
    await last.commit()
    await producer.disconnect()
    await expect.poll(() => committed.values).toEqual(['a', 'c'])
    await expect.poll(() => uncommitted.values).toEqual(['a', 'b', 'c'])
    // Each transaction ends with a marker, which has an offset too.
    expect(uncommitted.records.map(({ offset }) => Number(offset))).toEqual([0, 2, 4])
    expect(await ends(kafka, topic)).toEqual([6])
  })

  test('offsets are committed with the transaction or not at all', async () => {
    const topic = await createTopic(ground())
    const consumerGroupId = randomUUID()
    const producer = await transactional(ground)
    const commit = (offset: string): Offsets & { consumerGroupId: string } => ({
      consumerGroupId,
      topics: [{ topic, partitions: [{ partition: 0, offset }] }],
    })
    const one = await producer.transaction()
    await one.sendOffsets(commit('7'))
    await one.abort()
    expect(await committedOffset(ground, consumerGroupId, topic)).toBe('-1')
    const other = await producer.transaction()
    await other.sendOffsets(commit('8'))
    await other.commit()
    await producer.disconnect()
    await expect.poll(() => committedOffset(ground, consumerGroupId, topic)).toBe('8')
  })

  test('who starts with the transactional id of another one fences it, and aborts what that had begun', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground())
    const id = randomUUID()
    const zombie = await transactional(ground, id)
    const begun = await zombie.transaction()
    await begun.send({ topic, messages: messages('zombie') })
    const successor = await transactional(ground, id)
    // It fences when it begins, not when it connects.
    await begun.send({ topic, messages: messages('not yet a zombie') })
    const next = await successor.transaction()
    const fenced = { name: 'KafkaJSProtocolError', type: 'INVALID_PRODUCER_EPOCH', retriable: false }
    await expect(begun.send({ topic, messages: messages('zombie') })).rejects.toMatchObject(fenced)
    await expect(begun.commit()).rejects.toMatchObject(fenced)
    // Whoever is fenced has to be thrown away: it takes its transaction to be committing for ever.
    await expect(zombie.transaction()).rejects.toThrow('Cannot call "beginTransaction" in state "COMMITTING"')
    await next.send({ topic, messages: messages('successor') })
    await next.commit()
    await Promise.all([zombie.disconnect(), successor.disconnect()])
    await using reader = await new Reader(kafka, { topic }).run()
    await expect.poll(() => reader.values).toEqual(['successor'])
  })

  test('a transaction of a producer that was killed holds up readers until it times out', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground())
    await using killed = new TestProcess<Handlers>(new URL('../fixtures/kafka.ts', import.meta.url))
    const transactionTimeout = 1_500
    await killed.ask('begin', ground().kafka.direct, topic, transactionTimeout)
    await killed.kill()
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic, messages: messages('after') })
    await producer.disconnect()
    await using uncommitted = await new Reader(kafka, { topic, readUncommitted: true }).run()
    await expect.poll(() => uncommitted.values).toEqual(['begun', 'after'])
    await using reader = await new Reader(kafka, { topic }).run()
    const waited = await timed(() => expect.poll(() => reader.values).toEqual(['after']))
    tell(
      ground(),
      `readers held up by a transaction with a timeout of ${transactionTimeout} ms`,
      `${waited.toFixed()} ms`,
    )
  })
}

async function transactional(ground: () => Ground, transactionalId: string = randomUUID()): Promise<Producer> {
  const kafka = client(ground().kafka.direct, { retry: { retries: 5 } })
  const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true })
  await producer.connect()
  return producer
}

async function committedOffset(ground: () => Ground, groupId: string, topic: string): Promise<string | undefined> {
  const kafka = client(ground().kafka.direct)
  const [found] = await withAdmin(kafka, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
  return found?.partitions[0]?.offset
}
