import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { endAtExit, killGroup } from '../../groups.ts'
import { stopped } from '../../processes.ts'
import { removeAtExit, type TemporaryFolder } from '../../tmp.ts'
import { until } from '../../until.ts'
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
  #child: ChildProcess | undefined
  #paused = false
  #version = ''
  #log = ''

  /** Use `startOwnMysql`. */
  constructor(folder: TemporaryFolder, binaries: Binaries, port: number, options: readonly string[]) {
    this.port = port
    this.uri = `mysql://${this.user}@${this.host}:${port}/${database}`
    this.socket = join(folder.path, 'mysql.sock')
    this.#folder = folder
    this.#binaries = binaries
    this.#options = options
  }

  /** As `VERSION()` gives it. */
  get version(): string {
    return this.#version
  }

  /** Absent while it does not run. */
  get pid(): number | undefined {
    return this.#ended ? undefined : this.#child?.pid
  }

  /** Whether it is there to answer: neither ended nor paused. */
  get running(): boolean {
    return this.pid !== undefined && !this.#paused
  }

  /** What the server has written so far. */
  get log(): string {
    return this.#log
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
    const child = this.#spawn(command, args)
    const [code] = (await once(child, 'close', { signal: AbortSignal.timeout(60_000) })) as [number | null]
    if (code !== 0) throw new Error(`${command} failed with code ${code}:\n${this.#log}`)
  }

  /** Ends it with this signal, by default as a crash would; resolves when it has ended. What is on disk stays. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined) return
    if (!this.#ended) {
      const exited = once(child, 'exit', { signal: AbortSignal.timeout(patience) })
      child.kill(signal)
      // One that is paused would not heed it.
      child.kill('SIGCONT')
      await exited
    }
    killGroup(child.pid)
    this.#child = undefined
  }

  /** Starts it again on the same port with the same data, and the same options or these; ends it with SIGTERM first if it runs. Resolves when it answers. */
  async restart(options: readonly string[] = this.#options): Promise<void> {
    await this.kill('SIGTERM')
    const child = this.#spawn(this.#binaries.server, [
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
    await once(child, 'spawn')
    if (child.pid !== undefined) endAtExit(child.pid)
    removeAtExit(this.#folder.path)
    this.#child = child
    this.#paused = false
    const { server } = this.#binaries
    const version = await until(`${server} to answer`, async () => (this.#ended ? null : this.#askVersion()), patience)
    if (version === null) throw new Error(`${server} did not start:\n${this.#log}`)
    this.#version = version
  }

  /** SIGSTOP; resolves when the process stands still. Linux only. */
  async pause(): Promise<void> {
    const pid = this.#mustRun()
    process.kill(pid, 'SIGSTOP')
    this.#paused = true
    await stopped(pid)
  }

  /** SIGCONT. */
  resume(): void {
    process.kill(this.#mustRun(), 'SIGCONT')
    this.#paused = false
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

  get #ended(): boolean {
    return this.#child?.exitCode !== null || this.#child.signalCode !== null
  }

  async #askVersion(): Promise<string | undefined> {
    await this.command(`CREATE DATABASE IF NOT EXISTS ${database}`)
    const [row] = await this.command('SELECT VERSION() AS version')
    return row?.['version'] as string | undefined
  }

  #spawn(command: string, args: readonly string[]): ChildProcess {
    // A MariaDB that starts removes all temporary tables from its folder for them, those of other servers too.
    const env = { ...process.env, TMPDIR: this.#folder.path }
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#log += text))
    }
    return child
  }

  #mustRun(): number {
    if (this.pid === undefined) throw new Error(`The database server of port ${this.port} does not run.`)
    return this.pid
  }
}

/** Neither server runs as root unless it is told to. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : []
}
