import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeAtExit, type TemporaryFolder, temporaryFolder } from '../../tmp.ts'
import { configuration, valueOf } from './configuration.ts'
import { converse, field, type Reply } from './protocol.ts'
import { until } from '../../until.ts'
import { ServerProcess } from '../server-process.ts'

/** How long a signal may take to end the process, in milliseconds. */
const patience = 10_000

/**
 * A user that every server of ours has besides those that its options name, so that it can be asked and set up whatever
 * passwords they set.
 */
export const control = { user: 'lockstep-testing', password: 'lockstep-testing' }

export interface Launch {
  readonly binary: string
  readonly port: number
  /** As on the command line of redis-server; they overrule ours. */
  readonly options: readonly string[]
  /** Whether it is a Sentinel. */
  readonly sentinel?: boolean
}

/** Starts a redis-server. Rejects when it ends, with what it has said, or does not answer in time. */
export async function launch({ binary, port, options, sentinel = false }: Launch): Promise<OwnRedisServer> {
  const folder = await temporaryFolder()
  const ours = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', '', '--appendonly', 'no']
  const user = ['--user', control.user, 'on', `>${control.password}`, '~*', '&*', '+@all']
  const all = [...ours, ...user, ...options, '--unixsocket', join(folder.path, 'redis.sock')]
  const file = join(folder.path, 'redis.conf')
  const server = new OwnRedisServer(folder, all, [binary, file, ...(sentinel ? ['--sentinel'] : [])])
  try {
    await writeFile(file, configuration(all))
    await server.restart()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** A redis-server that was started here, on 127.0.0.1 and on a Unix socket, in a temporary folder. */
export class OwnRedisServer implements AsyncDisposable {
  readonly host = '127.0.0.1'
  /** The port of TLS if there is no other (`--port 0`). */
  readonly port: number
  /** Without any password that its options set. */
  readonly url: string
  /** The path of its Unix socket. */
  readonly socket: string
  readonly #folder: TemporaryFolder
  readonly #command: readonly [string, ...string[]]
  readonly #process: ServerProcess
  #version = ''

  /** Use `startOwnRedis`, `startSentinels` or `startRedisCluster`. */
  constructor(folder: TemporaryFolder, options: readonly string[], command: readonly [string, ...string[]]) {
    const plain = valueOf(options, '--port') ?? ''
    const secure = plain === '0'
    this.port = Number(secure ? valueOf(options, '--tls-port') : plain)
    this.url = `${secure ? 'rediss' : 'redis'}://${this.host}:${this.port}`
    this.socket = valueOf(options, '--unixsocket') ?? ''
    this.#folder = folder
    this.#command = command
    this.#process = new ServerProcess(`The redis-server of port ${this.port}`, patience)
  }

  get version(): string {
    return this.#version
  }

  /** Absent while it does not run. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Whether it is there to answer: neither ended nor paused. */
  get running(): boolean {
    return this.#process.running
  }

  /**
   * One command, on a connection of its own over the Unix socket, by a user who may do everything. Rejects with the
   * error that the server answers, or when it does not answer.
   */
  async command(...words: readonly string[]): Promise<Reply> {
    const [, reply = null] = await converse({ path: this.socket }, [['AUTH', control.user, control.password], words])
    return reply
  }

  /** Ends it with this signal, by default as a crash would; resolves when it has ended. What is on disk stays. */
  kill(signal?: NodeJS.Signals): Promise<void> {
    return this.#process.kill(signal)
  }

  /**
   * Starts it again on the same port, in the same folder, with the same options and what CONFIG REWRITE has made of
   * them; ends it with SIGTERM first if it runs. Resolves when it has loaded its data and answers.
   */
  async restart(): Promise<void> {
    const [command, ...args] = this.#command
    // One binary is all of Redis and looks at the name it was called by.
    await this.#process.start({ command, args, argv0: 'redis-server' })
    removeAtExit(this.#folder.path)
    const version = await until(`${command} to answer`, async () => (this.#process.ended ? null : this.#askVersion()))
    if (version === null) throw new Error(`${command} did not start:\n${this.#process.log}`)
    this.#version = version
  }

  /** SIGSTOP; resolves when the process stands still. Linux only. */
  pause(): Promise<void> {
    return this.#process.pause()
  }

  /** SIGCONT. */
  resume(): void {
    this.#process.resume()
  }

  /** Ends it for good and removes its folder. */
  async stop(): Promise<void> {
    await this.kill()
    await this.#folder[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** PING is refused while data is loaded, and INFO is not. */
  async #askVersion(): Promise<string | undefined> {
    await this.command('PING')
    return field(await this.command('INFO', 'server'), 'redis_version')
  }
}
