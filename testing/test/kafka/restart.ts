import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { client, createTopic, ends, messages, Reader } from './clients.ts'
import { type Ground, soak, tell, timed } from './ground.ts'
import { Load } from './load.ts'

const partitions = [0, 1]

/** Milliseconds: a busy machine takes ten times as long as an idle one to start a broker. */
const patience = 60_000

export function proveRestart(ground: () => Ground): void {
  test(
    'what is on disk outlives a kill: every acknowledged record is there, once and in order, and readers go on',
    async () => {
      const { failures, acknowledged, log, read } = await underLoad(ground, {}, async () => {
        const [node] = ground().kafka.nodes
        await node?.kill()
        await node?.restart()
      })
      expect(failures).toEqual([])
      expect(log).toEqual(acknowledged)
      expect(read).toEqual(acknowledged)
    },
    patience,
  )

  test(
    'a broker that stood still goes on where it was',
    async () => {
      const { failures, acknowledged, log, read } = await underLoad(ground, {}, async () => {
        const [node] = ground().kafka.nodes
        await node?.pause()
        // As long as it stands still.
        await sleep(1_500)
        node?.resume()
      })
      expect(failures).toEqual([])
      expect(log).toEqual(acknowledged)
      expect(read).toEqual(acknowledged)
    },
    patience,
  )

  if (!soak) return
  test(
    'with the retries of kafkajs alone a send is given up while a broker is down',
    async () => {
      const topic = await createTopic(ground())
      const producer = client(ground().kafka.direct, { retry: {} }).producer()
      await producer.connect()
      await producer.send({ topic, messages: messages('first') })
      await ground().kafka.kill()
      const until = await timed(() =>
        expect(producer.send({ topic, messages: messages('second') })).rejects.toThrow('ECONN'),
      )
      tell(ground(), 'given up, with the retries of kafkajs', `after ${until.toFixed()} ms`)
      await ground().kafka.restart()
      expect(await ends(client(ground().kafka.direct), topic)).toEqual([1])
      await producer.disconnect()
    },
    patience,
  )
}

/** What became of two partitions under load, of each in the order of its offsets. */
export interface Outcome {
  readonly failures: readonly unknown[]
  readonly acknowledged: readonly (readonly string[])[]
  /** As read afterwards, by a new reader. */
  readonly log: readonly (readonly string[])[]
  /** By the reader that was there all the time, without what it read again. */
  readonly read: readonly (readonly string[])[]
}

/** Does harm while an idempotent producer sends to each partition one record at a time, and a reader reads. */
export async function underLoad(
  ground: () => Ground,
  config: Readonly<Record<string, string>>,
  harm: (topic: string) => Promise<void>,
): Promise<Outcome> {
  const kafka = client(ground().kafka.direct)
  const topic = await createTopic(ground(), config, partitions.length)
  const producer = kafka.producer({ idempotent: true })
  await producer.connect()
  // One that cannot leave its group, as its coordinator is dead, is let in again when its session has timed out.
  await using live = await new Reader(kafka, { topic, sessionTimeout: 4_000, heartbeatInterval: 500 }).run()
  const loads = partitions.map((partition) => new Load(producer, topic, partition))
  const more = (): Promise<void> => {
    const goals = loads.map((load) => load.acknowledged.length + 20)
    return waitFor(() => loads.every(({ acknowledged }, index) => acknowledged.length >= (goals[index] ?? 0)))
  }
  await more()
  const down = await timed(() => harm(topic))
  await more()
  await Promise.all(loads.map((load) => load.stop()))
  await producer.disconnect()

  const lengths = await ends(kafka, topic)
  const isRead = (reader: Reader): boolean => partitions.every((at) => seen(reader)[at]?.length === lengths[at])
  await waitFor(() => isRead(live))
  await using fresh = await new Reader(kafka, { topic }).run()
  await waitFor(() => isRead(fresh))

  const acknowledged = loads.map((load) => load.acknowledged)
  const longest = Math.max(...loads.map((load) => load.longest))
  const again = live.records.length - seen(live).flat().length
  const figures = [`harm of ${down.toFixed()} ms`, `longest send ${longest.toFixed()} ms`, `${again} read again`]
  tell(ground(), `${acknowledged.flat().length} records under load`, ...figures, `${live.crashes.length} crashes`)
  const log = partitions.map((partition) => fresh.of(partition))
  return { failures: loads.flatMap(({ failures }) => failures), acknowledged, log, read: seen(live) }
}

function seen(reader: Reader): string[][] {
  return partitions.map((partition) => [...new Set(reader.of(partition))])
}

function waitFor(isTrue: () => boolean): Promise<void> {
  return expect.poll(isTrue, { timeout: patience / 3 }).toBe(true)
}
