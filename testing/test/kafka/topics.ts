import { ConfigResourceTypes } from 'kafkajs'
import { expect, test } from 'vitest'
import { client, createTopic, ends, withAdmin } from './clients.ts'
import type { Ground } from './ground.ts'

const type = ConfigResourceTypes.TOPIC
const timed = { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1' }

export function proveTopics(ground: () => Ground): void {
  test('a topic has the configuration that it was created with', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground(), timed, 3)
    expect(await ends(kafka, topic)).toEqual([0, 0, 0])
    expect(await configOf(ground, topic)).toEqual(timed)
  })

  test('no topic is created with a configuration that is wrong', async () => {
    await expect(createTopic(ground(), { 'message.timestamp.type': 'Whenever' })).rejects.toMatchObject({
      errors: [{ type: 'INVALID_CONFIG' }],
    })
    await expect(createTopic(ground(), { 'no.such.config': '1' })).rejects.toMatchObject({
      errors: [{ type: 'INVALID_CONFIG' }],
    })
  })

  test('to create a topic that is there changes nothing and says false', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground(), timed, 2)
    const again = { topics: [{ topic, numPartitions: 5 }] }
    expect(await withAdmin(kafka, (admin) => admin.createTopics(again))).toBe(false)
    expect(await ends(kafka, topic)).toHaveLength(2)
  })

  test('to alter one configuration takes all others back to their defaults', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground(), timed)
    const resources = [{ type, name: topic, configEntries: [{ name: 'retention.ms', value: '60000' }] }]
    await withAdmin(kafka, (admin) => admin.alterConfigs({ validateOnly: false, resources }))
    expect(await configOf(ground, topic)).toEqual({ 'message.timestamp.type': 'CreateTime', 'retention.ms': '60000' })
  })

  test('a topic gets more partitions and never fewer', async () => {
    const kafka = client(ground().kafka.direct)
    const topic = await createTopic(ground())
    await withAdmin(kafka, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }))
    await expect.poll(() => ends(kafka, topic)).toEqual([0, 0, 0])
    const fewer = withAdmin(kafka, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }))
    await expect(fewer).rejects.toMatchObject({ type: 'INVALID_PARTITIONS' })
  })
}

async function configOf(ground: () => Ground, name: string): Promise<Record<string, string>> {
  const resources = [{ type, name, configNames: Object.keys(timed) }]
  const described = await withAdmin(client(ground().kafka.direct), (admin) =>
    admin.describeConfigs({ includeSynonyms: false, resources }),
  )
  const entries = described.resources[0]?.configEntries ?? []
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
}
