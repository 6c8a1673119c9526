import { findBinary } from './redis/binary.ts'
import type { Unavailable } from './unavailable.ts'
import { control, launch, type OwnRedisServer } from './redis/own-server.ts'
import { freePorts } from '../ports.ts'
import { field, type Reply } from './redis/protocol.ts'
import { until } from '../until.ts'

export interface SentinelOptions {
  /** By default one. */
  readonly replicas?: number
  /** Of the primary and its replicas, as on the command line of redis-server. */
  readonly options?: readonly string[]
}

/** By what name the sentinels know the primary. */
const name = 'lockstep'

/** Two sentinels agree when the primary has been silent for half a second; a failover that gets stuck is tried again. */
const settings = [
  ['down-after-milliseconds', name, '500'],
  ['failover-timeout', name, '2000'],
  ['auth-user', name, control.user],
  ['auth-pass', name, control.password],
]

/** Milliseconds: a sentinel that has missed something looks again after ten seconds, a split vote is repeated after four. */
const patience = 20_000

/**
 * A primary, its replicas and three sentinels that watch them, all servers of our own. Resolves when the replicas are in
 * sync and every sentinel sees them, the primary and the other sentinels.
 */
export async function startSentinels({ replicas = 1, options = [] }: SentinelOptions = {}): Promise<
  RedisSentinels | Unavailable
> {
  const binary = await findBinary()
  if (typeof binary !== 'string') return binary
  await using stack = new AsyncDisposableStack()
  const start = async (port: number, own: readonly string[], sentinel = false): Promise<OwnRedisServer> =>
    stack.use(await launch({ binary, port, options: own, sentinel }))
  const [primaryPort = 0, ...ports] = await freePorts(1 + replicas + 3)
  const address = ['127.0.0.1', String(primaryPort)]
  // A replica would wait five seconds for others to copy the data with.
  const access = ['--masteruser', control.user, '--masterauth', control.password, '--repl-diskless-sync-delay', '0']
  const primary = await start(primaryPort, [...access, ...options])
  const followers: OwnRedisServer[] = []
  for (const port of ports.slice(0, replicas)) {
    followers.push(await start(port, [...access, ...options, '--replicaof', ...address]))
  }
  // A sentinel looks at the replicas when it starts, and then not again for ten seconds.
  await until('the replicas to be in sync', () => inSync(followers))
  const monitor = ['monitor', name, ...address, '2']
  const watch = [monitor, ...settings].flatMap((words) => ['--sentinel', ...words])
  const sentinels: OwnRedisServer[] = []
  for (const port of ports.slice(replicas)) sentinels.push(await start(port, watch, true))
  await until(
    'the sentinels to see everybody',
    async () => {
      const views = await Promise.all(sentinels.map((sentinel) => seesAll(sentinel, replicas, sentinels.length - 1)))
      return views.every(Boolean)
    },
    patience,
  )
  return new RedisSentinels(primary, followers, sentinels, stack.move())
}

export class RedisSentinels implements AsyncDisposable {
  readonly name: string = name
  readonly sentinels: readonly OwnRedisServer[]
  readonly #servers: readonly OwnRedisServer[]
  readonly #stack: AsyncDisposableStack
  #primary: OwnRedisServer

  /** Use `startSentinels`. */
  constructor(
    primary: OwnRedisServer,
    replicas: readonly OwnRedisServer[],
    sentinels: readonly OwnRedisServer[],
    stack: AsyncDisposableStack,
  ) {
    this.sentinels = sentinels
    this.#primary = primary
    this.#servers = [primary, ...replicas]
    this.#stack = stack
  }

  /** The primary as of the start, or of the last `promoted`. */
  get primary(): OwnRedisServer {
    return this.#primary
  }

  get replicas(): readonly OwnRedisServer[] {
    return this.#servers.filter((server) => server !== this.#primary)
  }

  /**
   * Waits until all sentinels that run name another server than `primary`, and it is one. Resolves with it; it is the
   * `primary` from then on.
   */
  async promoted(): Promise<OwnRedisServer> {
    const before = this.primary
    this.#primary = await until(
      'another primary',
      async () => {
        const named = await this.#named()
        return named !== before && named?.running && (await isPrimary(named)) && named
      },
      patience,
    )
    return this.#primary
  }

  /** Ends all of them and removes their folders. */
  async stop(): Promise<void> {
    await this.#stack.disposeAsync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** The server that the sentinels agree on. */
  async #named(): Promise<OwnRedisServer | undefined> {
    const running = this.sentinels.filter((sentinel) => sentinel.running)
    const answers = await Promise.all(
      running.map((sentinel) => sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)),
    )
    const ports = new Set(answers.map((answer) => Number((answer as [string, string])[1])))
    return ports.size === 1 ? this.#servers.find((server) => ports.has(server.port)) : undefined
  }
}

async function isPrimary(server: OwnRedisServer): Promise<boolean> {
  return field(await server.command('INFO', 'replication'), 'role') === 'master'
}

async function inSync(replicas: readonly OwnRedisServer[]): Promise<boolean> {
  const links = await Promise.all(
    replicas.map(async (replica) => field(await replica.command('INFO', 'replication'), 'master_link_status')),
  )
  return links.every((link) => link === 'up')
}

/** Whether this sentinel sees so many replicas and other sentinels, all connected. */
async function seesAll(sentinel: OwnRedisServer, replicas: number, others: number): Promise<boolean> {
  const seenReplicas = states(await sentinel.command('SENTINEL', 'REPLICAS', name))
  const seenOthers = states(await sentinel.command('SENTINEL', 'SENTINELS', name))
  return (
    seenReplicas.filter((state) => state['flags'] === 'slave' && state['master-link-status'] === 'ok').length ===
      replicas && seenOthers.filter(({ flags }) => flags === 'sentinel').length === others
  )
}

/** What a sentinel tells of several instances: of each a list of names and values in turn. */
function states(reply: Reply): Record<string, string>[] {
  return (reply as readonly (readonly string[])[]).map((words) => {
    const pairs = words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1]]] : []))
    return Object.fromEntries(pairs) as Record<string, string>
  })
}
