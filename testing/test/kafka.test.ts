import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TestProcess } from '../src/processes.ts'
import { findKafka, type OwnKafka, type OwnKafkaOptions, startKafka, startOwnKafka } from '../src/servers/kafka.ts'
import { temporaryFolder } from '../src/tmp.ts'
import { available } from './available.ts'
import type { Handlers } from './fixtures/kafka.ts'
import { client, createTopic, ends } from './kafka/clients.ts'
import { remains, type Traces } from './remains.ts'

const found = await findKafka('4')
const without = 'unavailable' in found ? `: ${found.unavailable}` : ''
const fixture = new URL('fixtures/kafka.ts', import.meta.url)

afterEach(() => {
  vi.unstubAllEnvs()
})

test('without Java we are told how to get a Kafka', async () => {
  alone('')
  expect(await startKafka()).toEqual({ unavailable: expect.stringContaining('LOCKSTEP_KAFKA_BROKERS=') })
  expect(await startOwnKafka()).toEqual({
    unavailable: expect.stringContaining('apt-get install default-jre-headless'),
  })
})

test('a Java that is too old is none', async () => {
  await using tools = await scripts({ java: "echo '    java.specification.version = 1.8' >&2" })
  alone(tools.path)
  expect(await startOwnKafka()).toEqual({ unavailable: expect.stringContaining('Java >= 17') })
})

describe('what Maven has to fetch', () => {
  const java = "echo '    java.specification.version = 17' >&2"

  test('without Maven we are told how to get it', async () => {
    await using tools = await scripts({ java })
    alone(tools.path)
    expect(await startOwnKafka()).toEqual({ unavailable: expect.stringContaining('apt-get install maven') })
  })

  test('what keeps Maven from it is told, and nothing is left half done', async () => {
    await using tools = await scripts({ java, mvn: 'echo "[ERROR] no network"; exit 1' })
    alone(tools.path)
    expect(await startOwnKafka()).toEqual({ unavailable: 'Maven could not fetch Kafka: [ERROR] no network' })
    expect(await startOwnKafka()).toHaveProperty('unavailable')
  })
})

test('where Docker answers and Java does not, a node runs in a container until it is stopped', async () => {
  await using tools = await scripts({ docker: `echo "$LOCKSTEP_KAFKA_VERSION $LOCKSTEP_KAFKA_PORT $*" >> "$0.log"` })
  alone(tools.path)
  const kafka = available(await startKafka({ version: '3.9' }))
  await kafka.stop()
  const [version, info, up, down] = (await readFile(join(tools.path, 'docker.log'), 'utf8')).split('\n')
  expect([version, info]).toEqual([expect.stringContaining('compose version'), expect.stringContaining('info')])
  expect(up).toMatch(/^3\.9\.\d+ \d+ compose --project-name lockstep-\S+ --file \S+compose\.yaml up --detach --wait$/)
  expect(kafka.brokers).toEqual([`127.0.0.1:${up?.split(' ')[1]}`])
  expect(down).toBe(up?.replace('up --detach --wait', 'down --volumes'))
})

/** Milliseconds: a busy machine takes ten times as long as an idle one to start a broker. */
const patience = 120_000

describe.skipIf(without)(`a Kafka of our own${without}`, { timeout: patience }, () => {
  test('it is preferred by those who do it harm, the one of the environment by all others', async () => {
    await using kafka = await start()
    vi.stubEnv('LOCKSTEP_KAFKA_BROKERS', kafka.brokers.join(','))
    await using given = available(await startKafka())
    expect(given.brokers).toEqual(kafka.brokers)
    expect(given).not.toHaveProperty('nodes')
    await given.stop()
    expect(kafka.node(1).running).toBe(true)
    expect(() => kafka.node(2)).toThrow('There is no node 2')
  })

  test('what is on disk outlives a kill; it can be stopped in order, paused and resumed', async () => {
    await using kafka = await start()
    const [node] = kafka.nodes
    const topic = await createTopic({ kafka }, {}, 2)
    const pid = node?.pid
    await kafka.kill()
    expect(node).toMatchObject({ pid: undefined, running: false })
    await kafka.restart()
    expect(node?.pid).not.toBe(pid)
    expect(await ends(client(kafka.brokers), topic)).toEqual([0, 0])
    await node?.pause()
    expect(node?.running).toBe(false)
    const asked = ends(client(kafka.brokers), topic)
    node?.resume()
    expect(await asked).toEqual([0, 0])
    await node?.restart()
    expect(await ends(client(kafka.brokers), topic)).toEqual([0, 0])
  })

  test('its settings may be overruled, and what keeps it from starting is in the error', async () => {
    const refused = start({ settings: { 'num.io.threads': 'many' } })
    await expect(refused).rejects.toThrow(/did not start:[^]*num\.io\.threads/)
  })

  test('nothing is left of it when it has been stopped', async () => {
    const kafka = await start()
    const traces = kafka.nodes.map(({ pid, port, folder }): Traces => ({ pid, port, folder }))
    expect(await remains(traces)).toHaveLength(3)
    await kafka.stop()
    expect(await remains(traces)).toEqual([])
  })

  test('it ends with the process that started it', async () => {
    await using starter = new TestProcess<Handlers>(fixture)
    const traces = await starter.ask('start')
    expect(await remains([traces])).toHaveLength(3)
    await expect(starter.ask('leave')).rejects.toThrow('The process has ended (0)')
    // A killed process may stay as a zombie until someone collects it.
    await expect.poll(() => remains([{ ...traces, pid: undefined }])).toEqual([])
  })
})

async function start(options?: OwnKafkaOptions): Promise<OwnKafka> {
  return available(await startOwnKafka(options))
}

/** Nothing on the PATH but this folder, which is the cache too. */
function alone(folder: string): void {
  vi.stubEnv('LOCKSTEP_KAFKA_BROKERS', '')
  vi.stubEnv('JAVA_HOME', '')
  vi.stubEnv('PATH', folder)
  vi.stubEnv('LOCKSTEP_CACHE', join(folder, 'cache'))
}

/** A folder with shell scripts in the place of commands. */
async function scripts(bodies: Readonly<Record<string, string>>): Promise<Awaited<ReturnType<typeof temporaryFolder>>> {
  const folder = await temporaryFolder()
  await mkdir(join(folder.path, 'cache'))
  for (const [name, body] of Object.entries(bodies)) {
    await writeFile(join(folder.path, name), `#!/bin/sh\n${body}\n`)
    await chmod(join(folder.path, name), 0o755)
  }
  return folder
}
