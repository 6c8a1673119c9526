import { freePort } from '../ports.ts'
import { findBinary } from './redis/binary.ts'
import type { Unavailable } from './unavailable.ts'
import { launch, type OwnRedisServer } from './redis/own-server.ts'
import { converse, field } from './redis/protocol.ts'
import { until } from '../until.ts'

export type { Unavailable } from './unavailable.ts'
export type { OwnRedisServer } from './redis/own-server.ts'

/** What there is of any server, whoever has started it. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  readonly version: string
  /** The path of its Unix socket; absent for a server that was already there. */
  readonly socket?: string
  /** Ends the server if it was started here. */
  stop(): Promise<void>
}

/**
 * A server to work with: the one that `LOCKSTEP_REDIS_URL` (redis://) names, else one of our own with these options.
 * Rejects when it does not answer. What does it harm needs `startOwnRedis`.
 */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer | Unavailable> {
  const given = process.env['LOCKSTEP_REDIS_URL']
  if (given) return existing(new URL(given))
  const server = await startOwnRedis(options)
  if (!('unavailable' in server)) return server
  const hint = 'Or name a running one: LOCKSTEP_REDIS_URL=redis://127.0.0.1:6379'
  return { unavailable: `${server.unavailable} ${hint}` }
}

/**
 * A redis-server of our own on a free port of 127.0.0.1 and on a Unix socket, in a temporary folder, keeping nothing on
 * disk unless `options` say so (as on its command line: `'--appendonly', 'yes'`; no `--aclfile`).
 *
 * Resolves when it has loaded its data and answers. Rejects when it ends, with what it has said, or does not answer.
 */
export async function startOwnRedis(options: readonly string[] = []): Promise<OwnRedisServer | Unavailable> {
  const binary = await findBinary()
  if (typeof binary !== 'string') return binary
  return launch({ binary, port: await freePort(), options })
}

async function existing(url: URL): Promise<RedisServer> {
  const version = await until(`a Redis to answer at ${url.host} (LOCKSTEP_REDIS_URL)`, () => versionOf(url))
  return { url: url.href, version, stop: leaveRunning, [Symbol.asyncDispose]: leaveRunning }
}

async function versionOf({ hostname, port, username, password }: URL): Promise<string | undefined> {
  const auth = password === '' ? [] : [['AUTH', username || 'default', password].map(decodeURIComponent)]
  const commands = [...auth, ['PING'], ['INFO', 'server']]
  const replies = await converse({ host: hostname, port: Number(port || 6379) }, commands)
  return field(replies.at(-1), 'redis_version')
}

async function leaveRunning(): Promise<void> {}
