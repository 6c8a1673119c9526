import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endAtExit, killGroup } from '../groups.ts'
import { freePort } from '../ports.ts'
import { type TemporaryFolder, temporaryFolder } from '../tmp.ts'

export interface RedisServer extends AsyncDisposable {
  readonly url: string
  readonly version: string
  /** The path of its Unix socket; absent for a server that was already there. */
  readonly socket?: string
  /** Absent for a server that was already there. */
  readonly pid?: number
  /** Ends the server if it was started here. */
  stop(): Promise<void>
}

/** Why there is no server, and how to get one. */
export interface Unavailable {
  readonly unavailable: string
}

/** A redis-server starts in a tenth of a second; a busy machine may need longer. Milliseconds. */
const patience = 10_000

/**
 * A redis-server of our own on a free port of 127.0.0.1 and on a Unix socket, in a temporary folder, keeping nothing on
 * disk unless `options` say so (as on its command line: `'--appendonly', 'yes'`). With `LOCKSTEP_REDIS_URL` (redis://)
 * set, the server that is there instead.
 *
 * Resolves when PING is answered. Rejects when a server is named or started and does not answer.
 */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer | Unavailable> {
  const given = process.env['LOCKSTEP_REDIS_URL']
  if (given) return existing(new URL(given))
  const binary = await findBinary()
  if (!binary) {
    return {
      unavailable:
        'There is no redis-server on the PATH. Install one (apt-get install redis-server, brew install redis), ' +
        'or name a running one: LOCKSTEP_REDIS_URL=redis://127.0.0.1:6379',
    }
  }
  const folder = await temporaryFolder()
  try {
    return await startIn(folder, binary, options)
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

async function existing(url: URL): Promise<RedisServer> {
  const version = await versionWhenReady(url)
  if (version === undefined) throw new Error(`No Redis answers at ${url.host} (LOCKSTEP_REDIS_URL).`)
  return { url: url.href, version, stop: leaveRunning, [Symbol.asyncDispose]: leaveRunning }
}

async function leaveRunning(): Promise<void> {}

async function startIn(folder: TemporaryFolder, binary: string, options: readonly string[]): Promise<RedisServer> {
  const port = await freePort()
  const socket = join(folder.path, 'redis.sock')
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', socket, '--dir', folder.path]
  const child = spawn(binary, [...args, '--save', '', '--appendonly', 'no', ...options], {
    // One binary is all of Redis and looks at the name it was called by: redis-check-rdb is the server too.
    argv0: 'redis-server',
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text))
  const { pid } = child
  if (pid === undefined) throw new Error(`Could not start ${binary}.`)
  endAtExit(pid)
  const stop = async (): Promise<void> => {
    await end(child, pid)
    await folder[Symbol.asyncDispose]()
  }
  const url = new URL(`redis://127.0.0.1:${port}`)
  const version = await versionWhenReady(url, () => child.exitCode !== null)
  if (version === undefined) {
    await end(child, pid)
    throw new Error(`${binary} did not start:\n${log}`)
  }
  return { url: url.href, version, socket, pid, stop, [Symbol.asyncDispose]: stop }
}

/** SIGTERM, so that a server with persistence writes what it has. */
async function end(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill()
    await once(child, 'exit')
  }
  killGroup(pid)
}

/** Debian's redis-tools has redis-check-rdb alone. */
async function findBinary(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  for (const name of ['redis-server', 'redis-check-rdb']) {
    for (const folder of folders) {
      const path = join(folder, name)
      if (await executable(path)) return path
    }
  }
  return undefined
}

function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Asks until PING is answered; nothing if it is not in time, or if `gone`. */
async function versionWhenReady(url: URL, gone: () => boolean = () => false): Promise<string | undefined> {
  const deadline = performance.now() + patience
  while (performance.now() < deadline && !gone()) {
    const answer = await ask(url)
    if (answer.includes('+PONG')) return /^redis_version:(\S+)/m.exec(answer)?.[1]
    // A server that is not there yet cannot tell when it will be.
    await sleep(10)
  }
  return undefined
}

/** All that the server answers to AUTH, PING, INFO and QUIT on one connection; empty when nobody listens. */
function ask({ hostname, port, username, password }: URL): Promise<string> {
  const auth = password === '' ? [] : [['AUTH', username || 'default', password].map(decodeURIComponent)]
  const commands = [...auth, ['PING'], ['INFO', 'server'], ['QUIT']]
  return new Promise((resolve) => {
    const connection = createConnection({ host: hostname, port: Number(port || 6379), timeout: patience })
    let answer = ''
    connection.setEncoding('utf8')
    connection.on('data', (text: string) => (answer += text))
    connection.on('timeout', () => connection.destroy())
    // 'close' follows, and says enough.
    connection.on('error', () => {})
    connection.on('close', () => resolve(answer))
    connection.write(commands.map(encode).join(''))
  })
}

/** The Redis protocol's form of a command: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}
