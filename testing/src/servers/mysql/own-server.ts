import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { removeAtExit, type TemporaryFolder } from '../../tmp.ts'
import { until } from '../../until.ts'
import { ServerProcess } from '../server-process.ts'
import type { Binaries } from './binaries.ts'

/** How long a signal may take to end the process, and the server to start, in milliseconds. */
const patience = 20_000
export const database = 'lockstep'

/** Small, quick to start, and nothing of the machine's own configuration. */
const small = [
  '--innodb-buffer-pool-size=64M',
  '--innodb-log-file-size=16M',
  '--skip-name-resolve',
  '--max-connections=300',
  '--performance-schema=OFF',
]

/** A mariadbd or mysqld that was started here, on 127.0.0.1 and on a Unix socket, in a temporary folder. Its user root has no password. */
export class OwnMysqlServer implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly user = 'root'
  readonly database: string = database
  readonly uri: string
  readonly socket: string
  readonly #folder: TemporaryFolder
  readonly #binaries: Binaries
  readonly #options: readonly string[]
  readonly #process: ServerProcess
  #version = ''

  /** Use `startOwnMysql`. */
  constructor(folder: TemporaryFolder, binaries: Binaries, port: number, options: readonly string[]) {
    this.port = port
    this.uri = `mysql://${this.user}@${this.host}:${port}/${database}`
    this.socket = join(folder.path, 'mysql.sock')
    this.#folder = folder
    this.#binaries = binaries
    this.#options = options
    this.#process = new ServerProcess(`The database server of port ${port}`, patience)
  }

  /** As `VERSION()` gives it. */
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

  /** One statement, as root, on a connection of its own over the Unix socket; the rows of a query. */
  async command(sql: string, values: readonly unknown[] = []): Promise<RowDataPacket[]> {
    const connection = await createConnection({
      socketPath: this.socket,
      user: this.user,
      multipleStatements: true,
      connectTimeout: 2_000,
    })
    try {
      const [rows] = await connection.query(sql, [...values])
      return Array.isArray(rows) ? (rows as RowDataPacket[]) : []
    } finally {
      connection.destroy()
    }
  }

  /** Makes the data directory; to be called once, before `restart`. */
  async initialize(): Promise<void> {
    const { server, install } = this.#binaries
    const data = `--datadir=${this.#data}`
    await mkdir(this.#data)
    const [command, args] =
      install === undefined
        ? [server, ['--no-defaults', '--initialize-insecure', data, ...asRoot()]]
        : [install, ['--no-defaults', data, '--auth-root-authentication-method=normal', '--skip-test-db', ...asRoot()]]
    const child = await this.#start(command, args)
    const [code] = (await once(child, 'close', { signal: AbortSignal.timeout(60_000) })) as [number | null]
    if (code !== 0) throw new Error(`${command} failed with code ${code}:\n${this.#process.log}`)
  }

  /** Ends it with this signal, by default as a crash would; resolves when it has ended. What is on disk stays. */
  kill(signal?: NodeJS.Signals): Promise<void> {
    return this.#process.kill(signal)
  }

  /** Starts it again on the same port with the same data, and the same options or these; ends it with SIGTERM first if it runs. Resolves when it answers. */
  async restart(options: readonly string[] = this.#options): Promise<void> {
    const { server } = this.#binaries
    await this.#start(server, [
      '--no-defaults',
      `--datadir=${this.#data}`,
      `--port=${this.port}`,
      '--bind-address=127.0.0.1',
      `--socket=${this.socket}`,
      `--pid-file=${join(this.#folder.path, 'mysql.pid')}`,
      ...small,
      ...asRoot(),
      ...options,
    ])
    removeAtExit(this.#folder.path)
    const ask = async (): Promise<string | null | undefined> => (this.#process.ended ? null : this.#askVersion())
    const version = await until(`${server} to answer`, ask, patience)
    if (version === null) throw new Error(`${server} did not start:\n${this.#process.log}`)
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

  get #data(): string {
    return join(this.#folder.path, 'data')
  }

  async #askVersion(): Promise<string | undefined> {
    await this.command(`CREATE DATABASE IF NOT EXISTS ${database}`)
    const [row] = await this.command('SELECT VERSION() AS version')
    return row?.['version'] as string | undefined
  }

  /** A MariaDB that starts removes all temporary tables from its folder for them, those of other servers too. */
  #start(command: string, args: readonly string[]): ReturnType<ServerProcess['start']> {
    return this.#process.start({ command, args, env: { TMPDIR: this.#folder.path } })
  }
}

/** Neither server runs as root unless it is told to. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : []
}
