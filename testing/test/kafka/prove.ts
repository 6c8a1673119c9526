import { type PortProxy, startFaultProxy } from '@lockstep/testing/proxy'
import { findKafka, type Line, type OwnKafka, startOwnKafka } from '@lockstep/testing/servers/kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { available } from '../available.ts'
import { proveIdempotence } from './idempotence.ts'
import { proveLogAppendTime } from './log-append-time.ts'
import { initialDelay, proveThreeNodes } from './three-nodes.ts'
import { proveTopics } from './topics.ts'
import { proveDeleteRecords } from './delete-records.ts'
import { proveTransactions } from './transactions.ts'
import { proveOffsets } from './offsets.ts'
import { proveGroups } from './groups.ts'
import { proveRestart } from './restart.ts'
import { proveLatency } from './latency.ts'
import { proveWarnings } from './warnings.ts'
import { type ProxiedGround, tell, timed } from './ground.ts'

/** By default brokers wait 3 s for more members; that they wait as long as they are told can be seen with less. */
const patientGroups = { 'group.initial.rebalance.delay.ms': initialDelay }

/** Milliseconds to start brokers. */
const patience = 120_000

/** What docs/kafka-broker.md says of this release, with kafkajs; where there is none, a test that says how to get it. */
export async function proveKafka(version: Line): Promise<void> {
  const found = await findKafka(version)
  const said = 'unavailable' in found ? found.unavailable : found.version
  test.skipIf('unavailable' in found)(`Kafka ${version}: ${said}`, () => {
    expect(found).not.toHaveProperty('unavailable')
  })
  if ('unavailable' in found) return

  describe('one node', () => {
    let kafka: OwnKafka
    let proxy: PortProxy
    const ground = (): ProxiedGround => ({ kafka, proxy })

    const advertise = async (port: number): Promise<number> => {
      proxy = await startFaultProxy({ port })
      return proxy.port
    }

    beforeAll(async () => {
      const took = await timed(async () => (kafka = available(await startOwnKafka({ version, advertise }))))
      tell(ground(), 'started', `${took.toFixed()} ms`)
    }, patience)

    afterAll(async () => {
      await kafka?.stop()
      await proxy?.[Symbol.asyncDispose]()
    })

    describe('topics', () => {
      proveTopics(ground)
    })

    describe('time', () => {
      proveLogAppendTime(ground)
    })

    describe('idempotent producers', () => {
      proveIdempotence(ground)
    })

    describe('transactions', () => {
      proveTransactions(ground)
    })

    describe('deleted records', () => {
      proveDeleteRecords(ground)
    })

    describe('offsets', () => {
      proveOffsets(ground)
    })

    describe('groups', () => {
      proveGroups(ground)
    })

    describe('latency', () => {
      proveLatency(ground)
    })

    describe('kafkajs on this Node.js', () => {
      proveWarnings(ground)
    })

    describe('a restart', () => {
      proveRestart(ground)
    })
  })
  describe('three nodes', () => {
    let kafka: OwnKafka

    beforeAll(async () => {
      const options = { version, nodes: 3, settings: patientGroups } as const
      const took = await timed(async () => (kafka = available(await startOwnKafka(options))))
      tell({ kafka }, 'started', `${took.toFixed()} ms`)
    }, patience)

    afterAll(() => kafka?.stop())

    proveThreeNodes(() => ({ kafka }))
  })
}
