import { findKafka, type Line } from './kafka/distribution.ts'
import { composed } from './kafka/compose.ts'
import { launch, type OwnKafka, type OwnKafkaOptions } from './kafka/own-kafka.ts'
import { countBrokers } from './kafka/protocol.ts'
import type { Unavailable } from './unavailable.ts'
import { until } from '../until.ts'

export { findKafka, type Line, lines } from './kafka/distribution.ts'
export type { KafkaNode } from './kafka/node.ts'
export type { OwnKafka, OwnKafkaOptions } from './kafka/own-kafka.ts'
export type { Unavailable } from './unavailable.ts'

/** What there is of any Kafka, whoever has started it. */
export interface Kafka extends AsyncDisposable {
  /** `host:port` of one broker or more. */
  readonly brokers: readonly string[]
  /** Ends it if it was started here. */
  stop(): Promise<void>
}

export interface KafkaOptions extends OwnKafkaOptions {
  /** By default 4. */
  readonly version?: Line
}

/**
 * A Kafka to work with: the one that `LOCKSTEP_KAFKA_BROKERS` (host:port, comma-separated) names, else one of our own
 * with these options, else one node in a container where Docker answers and it is told nothing but the version. Rejects
 * when it does not answer. What does it harm needs `startOwnKafka`.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka | Unavailable> {
  const given = process.env['LOCKSTEP_KAFKA_BROKERS']
  if (given) return existing(given.split(','))
  const own = await startOwnKafka(options)
  if (!('unavailable' in own)) return own
  const { version = '4', ...rest } = options
  const container = Object.keys(rest).length === 0 ? await composed(version) : undefined
  const hint = 'Or name a running one: LOCKSTEP_KAFKA_BROKERS=127.0.0.1:9092'
  return container ?? { unavailable: `${own.unavailable} ${hint}` }
}

/**
 * A Kafka of our own: nodes that are broker and controller in one, on free ports of 127.0.0.1, in a temporary folder.
 * Resolves when every broker answers and knows all others, in some two seconds (docs/kafka-broker.md); the first time
 * it is fetched. Rejects when one ends, with what it has said, or does not answer.
 */
export async function startOwnKafka({ version = '4', ...options }: KafkaOptions = {}): Promise<OwnKafka | Unavailable> {
  const kafka = await findKafka(version)
  return 'unavailable' in kafka ? kafka : launch(kafka, options)
}

async function existing(brokers: readonly string[]): Promise<Kafka> {
  const { hostname, port } = new URL(`kafka://${brokers[0]}`)
  await until(`Kafka to answer at ${brokers[0]} (LOCKSTEP_KAFKA_BROKERS)`, async () => {
    return (await countBrokers(Number(port), hostname)) > 0
  })
  return { brokers, stop: leaveRunning, [Symbol.asyncDispose]: leaveRunning }
}

async function leaveRunning(): Promise<void> {}
