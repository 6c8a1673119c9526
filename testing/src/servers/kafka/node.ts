import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../../until.ts'
import { ServerProcess } from '../server-process.ts'
import { clusterId, type Distribution } from './distribution.ts'
import { brokerCommand } from './jvm.ts'
import { countBrokers } from './protocol.ts'
import { type NodeSettings, properties } from './settings.ts'

/** How long a broker may take to answer, or a signal to end it, in milliseconds: ten times what it takes alone. */
const patience = 30_000

export interface NodeOptions extends NodeSettings {
  readonly kafka: Distribution
  /** More options of its virtual machine. */
  readonly jvm: readonly string[]
}

/** A broker, controller too, that runs as a process of its own. Use `startOwnKafka`. */
export class KafkaNode {
  readonly id: number
  readonly host = '127.0.0.1'
  readonly port: number
  /** Where the other brokers find it: no proxy stands before this port. */
  readonly innerPort: number
  readonly folder: string
  readonly #options: NodeOptions
  readonly #file: string
  readonly #process: ServerProcess

  constructor(options: NodeOptions) {
    const [port = 0, innerPort = 0] = options.ports[options.id - 1] ?? []
    this.id = options.id
    this.port = port
    this.innerPort = innerPort
    this.folder = options.folder
    this.#options = options
    this.#file = join(this.folder, 'server.properties')
    this.#process = new ServerProcess(`The Kafka of port ${port}`, patience)
  }

  /** Absent while it does not run. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Whether it is there to answer: neither ended nor paused. */
  get running(): boolean {
    return this.#process.running
  }

  /** The end of what it has said since it was started, warnings and errors alone. */
  get log(): string {
    return this.#process.log
  }

  /** Writes its settings and what makes a new folder one of the cluster. */
  async prepare(): Promise<void> {
    const data = join(this.folder, 'data')
    await mkdir(data, { recursive: true })
    await writeFile(this.#file, properties({ ...this.#options, folder: data }))
    await writeFile(join(data, 'meta.properties'), `version=1\ncluster.id=${clusterId}\nnode.id=${this.id}\n`)
    await copyFile(this.#options.kafka.bootstrap, join(data, 'bootstrap.checkpoint'))
  }

  /** Starts it, with the data of its folder; ends it with SIGTERM first if it runs. */
  async start(): Promise<void> {
    const { kafka, jvm } = this.#options
    const [command, ...args] = brokerCommand(kafka, jvm, this.folder, this.#file)
    await this.#process.start({ command, args })
  }

  /** Resolves when it answers and knows this many brokers to be alive. Rejects when it ends, with what it has said. */
  async ready(brokers: number): Promise<void> {
    const sees = async (): Promise<boolean> => this.#process.ended || (await countBrokers(this.port)) >= brokers
    try {
      await until(`Kafka at port ${this.port} to know ${brokers} brokers`, sees, patience)
    } catch (error) {
      throw new Error(`${(error as Error).message} It has said:\n${this.#process.log}`, { cause: error })
    }
    if (this.#process.ended) throw new Error(`Kafka did not start:\n${this.#process.log}`)
  }

  /** Ends it with this signal, by default as a crash would; resolves when it has ended. What is on disk stays. */
  kill(signal?: NodeJS.Signals): Promise<void> {
    return this.#process.kill(signal)
  }

  /**
   * Starts it again on the same ports, with its data; ends it with SIGTERM first if it runs. Resolves when it answers:
   * by then it has found its controller, which may be another node.
   */
  async restart(): Promise<void> {
    await this.start()
    await this.ready(1)
  }

  /** SIGSTOP; resolves when the process stands still. Linux only. */
  pause(): Promise<void> {
    return this.#process.pause()
  }

  /** SIGCONT. */
  resume(): void {
    this.#process.resume()
  }
}
