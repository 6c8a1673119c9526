import { randomUUID } from 'node:crypto'
import {
  type Consumer,
  type ConsumerConfig,
  type EachBatchPayload,
  Kafka,
  type KafkaConfig,
  type KafkaMessage,
  logLevel,
} from 'kafkajs'
import { until } from '../../src/until.ts'
import type { Ground } from './ground.ts'

/** What an adapter has to set: with the defaults an outage of half a minute loses what was in flight. */
const patient = { retries: 1e6, initialRetryTime: 100, maxRetryTime: 1_000 }

/** `config`: besides `retry`, which is `patient` by default. */
export function client(brokers: readonly string[], config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    clientId: 'lockstep',
    logLevel: logLevel.NOTHING,
    retry: patient,
    ...config,
    brokers: [...brokers],
  })
}

export interface ReaderOptions extends Partial<ConsumerConfig> {
  readonly topic: string
  /** By default it is, unlike that of kafkajs. */
  readonly fromBeginning?: boolean
  readonly autoCommit?: boolean
  readonly onBatch?: (batch: EachBatchPayload) => Promise<void>
}

export type Arrived = KafkaMessage & { readonly partition: number }

/** A consumer, by default in a group of its own and without commits, and all that it has got. */
export class Reader implements AsyncDisposable {
  readonly consumer: Consumer
  readonly groupId: string
  readonly records: Arrived[] = []
  readonly crashes: Error[] = []
  readonly #options: ReaderOptions

  constructor(kafka: Kafka, options: ReaderOptions) {
    const { topic: _, fromBeginning: __, autoCommit: ___, onBatch: ____, ...config } = options
    this.groupId = config.groupId ?? randomUUID()
    this.#options = options
    this.consumer = kafka.consumer({ maxWaitTimeInMs: 200, ...config, groupId: this.groupId })
    this.consumer.on('consumer.crash', ({ payload: { error } }) => this.crashes.push(error))
  }

  /** Resolves when it has joined its group. */
  async run(): Promise<this> {
    const { topic, fromBeginning = true } = this.#options
    await this.consumer.connect()
    await this.consumer.subscribe({ topic, fromBeginning })
    await this.resume()
    return this
  }

  /** Runs it, for the first time or after `consumer.stop()`; resolves when it has joined its group. */
  async resume(): Promise<void> {
    const joined = this.joined()
    const { autoCommit = false, onBatch } = this.#options
    await this.consumer.run({
      autoCommit,
      eachBatch: async (payload) => {
        const { partition } = payload.batch
        this.records.push(...payload.batch.messages.map((message) => ({ ...message, partition })))
        await onBatch?.(payload)
      },
    })
    await joined
  }

  /** Resolves with the partitions that it gets when it joins next. */
  joined(): Promise<readonly number[]> {
    return new Promise((resolve) => {
      const stop = this.consumer.on('consumer.group_join', ({ payload }) => {
        stop()
        resolve(payload.memberAssignment[this.#options.topic] ?? [])
      })
    })
  }

  get values(): string[] {
    return this.records.map(({ value }) => String(value))
  }

  of(partition: number): string[] {
    return this.records.filter((record) => record.partition === partition).map(({ value }) => String(value))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.consumer.disconnect()
  }
}

/** A new topic, by default with one partition, that every broker knows. */
export async function createTopic(
  { kafka }: Ground,
  config: Readonly<Record<string, string>> = {},
  numPartitions = 1,
): Promise<string> {
  const topic = `topic-${randomUUID()}`
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  const topics = [{ topic, numPartitions, configEntries }]
  // To wait for leaders it asks any one broker, and rejects when that has not heard of the topic yet.
  await withAdmin(client(kafka.direct), (admin) => admin.createTopics({ topics, waitForLeaders: false }))
  const known = kafka.direct.map((broker) => ends(client([broker]), topic))
  await Promise.all(known)
  return topic
}

export async function withAdmin<T>(kafka: Kafka, use: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** The end of the log of each partition. Asks until it is told: kafkajs does not where a leader is known that does not lead yet. */
export async function ends(kafka: Kafka, topic: string): Promise<number[]> {
  const offsets = await until(`the offsets of ${topic}`, () =>
    withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic)),
  )
  return offsets.toSorted((one, other) => one.partition - other.partition).map(({ high }) => Number(high))
}

export function messages(...values: readonly string[]): { value: string; partition: number }[] {
  return values.map((value) => ({ value, partition: 0 }))
}
