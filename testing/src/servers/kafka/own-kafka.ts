import { join } from 'node:path'
import { removeAtExit, type TemporaryFolder, temporaryFolder } from '../../tmp.ts'
import { freePorts } from '../../ports.ts'
import { archived } from './archive.ts'
import type { Distribution } from './distribution.ts'
import { KafkaNode } from './node.ts'
import type { NodePorts } from './settings.ts'

export interface OwnKafkaOptions {
  /** By default 1. */
  readonly nodes?: 1 | 3
  /** As in server.properties; they overrule ours (kafka/settings.ts). */
  readonly settings?: Readonly<Record<string, string | number>>
  /**
   * Asked for every node before it starts: the port that clients are told instead of its own, such as that of a proxy
   * in front of it. Brokers find each other without it.
   */
  readonly advertise?: (port: number) => Promise<number>
}

/** Starts all nodes. Rejects when one of them ends, with what it has said, or does not answer in time. */
export async function launch(kafka: Distribution, options: OwnKafkaOptions): Promise<OwnKafka> {
  const { nodes: count = 1, settings = {}, advertise = async (port) => port } = options
  const jvm = await archived(kafka)
  const free = await freePorts(3 * count)
  const ids = Array.from({ length: count }, (_, index) => index + 1)
  const ports = ids.map((id): NodePorts => [free[3 * id - 3] ?? 0, free[3 * id - 2] ?? 0, free[3 * id - 1] ?? 0])
  const advertised = await Promise.all(ports.map(([port]) => advertise(port)))
  const folder = await temporaryFolder()
  const nodes = ids.map((id, index) => {
    const own = { id, folder: join(folder.path, String(id)), advertised: advertised[index] ?? 0 }
    return new KafkaNode({ ...own, kafka, jvm, ports, settings })
  })
  const cluster = new OwnKafka(kafka.version, folder, nodes, advertised)
  try {
    await Promise.all(nodes.map((node) => node.prepare()))
    await cluster.restart()
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** Brokers that were started here, on 127.0.0.1, in a temporary folder. */
export class OwnKafka implements AsyncDisposable {
  readonly version: string
  /** What clients are given to begin with; the advertised ports. */
  readonly brokers: readonly string[]
  readonly nodes: readonly KafkaNode[]
  readonly #folder: TemporaryFolder

  /** Use `startOwnKafka`. */
  constructor(version: string, folder: TemporaryFolder, nodes: readonly KafkaNode[], advertised: readonly number[]) {
    this.version = version
    this.brokers = advertised.map((port) => `127.0.0.1:${port}`)
    this.nodes = nodes
    this.#folder = folder
  }

  /** For clients that are to meet no proxy. */
  get direct(): readonly string[] {
    return this.nodes.map(({ host, innerPort }) => `${host}:${innerPort}`)
  }

  /** Throws where there is none with this id. */
  node(id: number): KafkaNode {
    const node = this.nodes.find((each) => each.id === id)
    if (!node) throw new Error(`There is no node ${id}.`)
    return node
  }

  /** Ends all nodes with this signal, by default as a power cut would; resolves when they have ended. */
  async kill(signal?: NodeJS.Signals): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill(signal)))
  }

  /** Starts all nodes again, with their data; ends them with SIGTERM first. Resolves when each of them knows all. */
  async restart(): Promise<void> {
    await this.kill('SIGTERM')
    await Promise.all(this.nodes.map((node) => node.start()))
    removeAtExit(this.#folder.path)
    await Promise.all(this.nodes.map((node) => node.ready(this.nodes.length)))
  }

  /** Ends it for good and removes its folder. */
  async stop(): Promise<void> {
    await this.kill()
    await this.#folder[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
