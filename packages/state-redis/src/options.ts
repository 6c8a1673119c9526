import { InvalidArgumentError } from '@lockstep/state'
import type { EventEmitter } from 'node:events'
import type { ConnectionOptions } from 'node:tls'

/** A server by host and port. */
export interface RedisNode {
  readonly host: string
  readonly port: number
}

/** What is used of a client of ioredis (5.4 or newer) that is passed in: a `Redis` or a `Cluster`. */
export interface RedisClient extends Pick<EventEmitter, 'on' | 'off'> {
  readonly status: string
  readonly isCluster: boolean
  readonly options: object
  readonly stream?: { cork(): void; uncork(): void } | undefined
  connect(): Promise<unknown>
  disconnect(reconnect?: boolean): void
  evalsha(sha: string, keys: number, ...args: (string | number)[]): Promise<unknown>
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>
  call(command: string, ...args: (string | number)[]): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
}

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. Default `redis://127.0.0.1:6379`. */
  readonly url?: string | undefined
  /** A client of your own. It stays yours: it is not configured and not closed, and `health()` warns of settings of it that endanger promises. */
  readonly client?: RedisClient | undefined
  /** The primary of this name, as these Sentinels know it. */
  readonly sentinel?:
    | { readonly name: string; readonly nodes: readonly RedisNode[]; readonly password?: string | undefined }
    | undefined
  /** A Redis Cluster, by some of its nodes. */
  readonly cluster?: { readonly nodes: readonly RedisNode[] } | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Default: what `url` says, or 0. A Cluster has only 0. */
  readonly db?: number | undefined
  /** Options for `tls.connect`. */
  readonly tls?: ConnectionOptions | undefined
  /** What every key and channel begins with. Default `lockstep:`. */
  readonly prefix?: string | undefined
  /** Milliseconds for the server to answer when the adapter connects, 1 to 60,000. Default 5,000. */
  readonly connectTimeout?: number | undefined
  /** Milliseconds after which a connection that does not answer is replaced, 100 to 60,000. Default 2,000. Not for a passed client. */
  readonly commandTimeout?: number | undefined
  /**
   * How often a process may hand a lock on to its own waiters before other processes have their turn, 0 to 63. Default 8. With 0 the order is that of arrival across
   * all processes, at two requests and a wake-up for each hand-over.
   */
  readonly cohort?: number | undefined
  /**
   * Replicas that must have a write before it is acknowledged (WAIT), 0 to 100. Default 0. It makes a loss in a failover less likely, not impossible. A write that
   * they do not confirm within `waitTimeout` rejects as `OutcomeUnknownError`. Not in a Cluster.
   */
  readonly waitReplicas?: number | undefined
  /** Milliseconds, 1 to 60,000. Default 1,000. */
  readonly waitTimeout?: number | undefined
  /** Milliseconds that the answer to an `operationId` is on record. Default a day. */
  readonly operationRetention?: number | undefined
}

/** The options, checked, with their defaults. */
export interface CheckedOptions extends RedisOptions {
  readonly prefix: string
  readonly connectTimeout: number
  readonly commandTimeout: number
  readonly cohort: number
  readonly waitReplicas: number
  readonly waitTimeout: number
  readonly operationRetention: number
}

declare module '@lockstep/state' {
  interface AdapterOptions {
    redis: RedisOptions
  }
}

const milliseconds = 'a whole number of milliseconds'
/** Default, least, greatest, unit. */
const amounts = {
  connectTimeout: [5_000, 1, 60_000, milliseconds],
  commandTimeout: [2_000, 100, 60_000, milliseconds],
  cohort: [8, 0, 63, 'a whole number'],
  waitReplicas: [0, 0, 100, 'a whole number'],
  waitTimeout: [1_000, 1, 60_000, milliseconds],
  operationRetention: [86_400_000, 1_000, 2 ** 31 - 1, milliseconds],
} as const

const places = ['url', 'client', 'sentinel', 'cluster'] as const
const credentials = ['username', 'password', 'db', 'tls'] as const
const known: readonly string[] = [...places, ...credentials, 'prefix', ...Object.keys(amounts)]

/** Throws `InvalidArgumentError`; no message holds a value that could be a secret. */
export function checkOptions(options: unknown = {}): CheckedOptions {
  if (typeof options !== 'object' || options === null) refuse('the options of redis() must be an object')
  const stranger = Object.keys(options).find((key) => !known.includes(key))
  if (stranger !== undefined) refuse(`redis() has no option ${stranger}; it knows ${known.join(', ')}`)
  const given = options as RedisOptions
  const [place, other] = places.filter((key) => given[key] !== undefined)
  if (other !== undefined) refuse(`redis() takes one of ${places.join(', ')}; got ${place} and ${other}`)
  checkPlace(given)
  const prefix = given.prefix ?? 'lockstep:'
  if (typeof prefix !== 'string' || !/^[\w:./-]{0,64}$/.test(prefix)) {
    refuse('prefix must be at most 64 letters, digits and characters of _ : . / -')
  }
  const checked = Object.entries(amounts).map(([key, [standard, min, max, what]]) => {
    const value = given[key as keyof typeof amounts] ?? standard
    if (!Number.isInteger(value) || value < min || value > max) refuse(`${key} must be ${what} from ${min} to ${max}`)
    return [key, value] as const
  })
  const all = { ...given, prefix, ...(Object.fromEntries(checked) as Record<keyof typeof amounts, number>) }
  if (all.waitReplicas > 0 && (given.cluster !== undefined || given.client?.isCluster === true)) {
    refuse(
      'waitReplicas does not work in a Cluster, where WAIT would ask another node than the one that took the write',
    )
  }
  return Object.freeze(all)
}

function checkPlace(options: RedisOptions): void {
  const { url, client, sentinel, cluster, db } = options
  if (url !== undefined && (typeof url !== 'string' || !/^rediss?:$/.test(protocolOf(url)))) {
    refuse('url must be like redis://user:password@host:6379/0, or rediss:// for TLS')
  }
  if (client !== undefined) checkClient(options)
  if (sentinel !== undefined && (typeof sentinel.name !== 'string' || !areNodes(sentinel.nodes))) {
    refuse('sentinel must be { name, nodes: [{ host, port }, …] }')
  }
  if (cluster !== undefined && !areNodes(cluster.nodes)) refuse('cluster must be { nodes: [{ host, port }, …] }')
  if (db !== undefined && (!Number.isInteger(db) || db < 0)) refuse('db must be a whole number from 0')
  if (cluster !== undefined && (db ?? 0) !== 0) refuse('a Redis Cluster has no db but 0')
}

function checkClient(options: RedisOptions): void {
  const { client } = options
  if (typeof client !== 'object' || typeof client.evalsha !== 'function' || typeof client.isCluster !== 'boolean') {
    refuse('client must be a Redis or a Cluster of ioredis, 5.4 or newer')
  }
  const both = [...credentials, 'commandTimeout' as const].find((key) => options[key] !== undefined)
  if (both !== undefined) refuse(`${both} is a matter of the client that you pass`)
  const { keyPrefix } = client.options as { keyPrefix?: unknown }
  if (typeof keyPrefix === 'string' && keyPrefix.includes('{')) {
    refuse('the keyPrefix of the client must not contain {: it would decide the slot of every key')
  }
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : ''
}

function areNodes(nodes: unknown): boolean {
  return Array.isArray(nodes) && nodes.length > 0 && nodes.every(isNode)
}

function isNode(node: unknown): boolean {
  const { host, port } = (node ?? {}) as Partial<RedisNode>
  return typeof host === 'string' && host !== '' && Number.isInteger(port)
}

function refuse(message: string): never {
  throw new InvalidArgumentError(message)
}
