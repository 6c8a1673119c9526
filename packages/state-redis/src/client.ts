import { Cluster, Redis, type RedisOptions as ClientOptions } from 'ioredis'
import type { CheckedOptions, RedisClient, RedisNode } from './options.ts'
import { cannotConnect, isLockedOut } from './trouble.ts'

/** The connection that the adapter works on. */
export interface OpenClient {
  readonly client: RedisClient
  /** Where it leads, for people: never with a password. */
  readonly address: string
  /** Made here, and so to be closed here. */
  readonly own: boolean
}

/** We subscribe again ourselves: where the connection is lost meanwhile, nobody catches what ioredis rejects, and that ends the process. */
const autoResubscribe = false

/** Milliseconds between two attempts to connect. */
const retry = { initial: 50, max: 1_000 }

/** The passed client, or one of our own, ready. Rejects with `UnavailableError` when there is no answer within `connectTimeout`. */
export async function openClient(options: CheckedOptions, signal: AbortSignal): Promise<OpenClient> {
  const { client: passed, connectTimeout } = options
  const client = passed ?? create(options)
  // Without a listener ioredis writes to the console; what fails is told to whoever asked for it.
  if (passed === undefined) client.on('error', () => {})
  const address = addressOf(options)
  try {
    await becomeReady(client, address, connectTimeout, signal)
  } catch (error) {
    if (passed === undefined) client.disconnect()
    throw error
  }
  return { client, address, own: passed === undefined }
}

/** A second connection like the first: one in subscriber mode takes no other commands, on RESP2. */
export async function openSecond(
  { client, address }: OpenClient,
  options: CheckedOptions,
  signal: AbortSignal,
): Promise<RedisClient> {
  const second = (client as unknown as Redis).duplicate({ keyPrefix: '', lazyConnect: true, autoResubscribe })
  second.on('error', () => {})
  try {
    await becomeReady(second, address, options.connectTimeout, signal)
  } catch (error) {
    second.disconnect()
    throw error
  }
  return second
}

/**
 * Nothing waits in queues of the client: the courier knows which calls are still wanted, and which were sent. So a request that finds no connection is
 * refused at once, one that loses it fails at once, and both are sent again by the courier.
 */
function create(options: CheckedOptions): RedisClient {
  const { url, sentinel, cluster, username, password, db, tls, connectTimeout } = options
  const common = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe,
    connectTimeout,
    connectionName: 'lockstep',
    // Of a stream that has closed already ioredis waits for the end all the same, and keeps the process alive for so long.
    disconnectTimeout: 200,
    retryStrategy: (attempts: number) =>
      Math.min(retry.max, retry.initial * 2 ** (attempts - 1)) * (1 - Math.random() / 2),
    // After a failover the old primary is a replica: https://github.com/redis/ioredis#reconnect-on-error
    reconnectOnError: (error: Error) => error.message.includes('READONLY'),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(db !== undefined && { db }),
    ...(tls !== undefined && { tls }),
  } satisfies ClientOptions
  if (cluster !== undefined) return createCluster(cluster.nodes, common)
  return sentinel === undefined
    ? new Redis(url ?? 'redis://127.0.0.1:6379', common)
    : new Redis({
        ...common,
        name: sentinel.name,
        sentinels: sentinel.nodes.map(({ host, port }) => ({ host, port })),
        sentinelRetryStrategy: () => retry.max / 4,
        ...(sentinel.password !== undefined && { sentinelPassword: sentinel.password }),
      })
}

function createCluster(
  nodes: readonly RedisNode[],
  { lazyConnect, enableOfflineQueue, retryStrategy, ...redisOptions }: Omit<ClientOptions, 'replyMapping'>,
): RedisClient {
  const cluster = new Cluster(
    nodes.map(({ host, port }) => ({ host, port })),
    {
      lazyConnect: lazyConnect ?? true,
      enableOfflineQueue: enableOfflineQueue ?? false,
      clusterRetryStrategy: (attempts: number) => retryStrategy?.(attempts) ?? retry.max,
      slotsRefreshTimeout: 2_000,
      // The courier asks again, by the deadline of the call.
      retryDelayOnClusterDown: 0,
      redisOptions,
    },
  )
  return cluster
}

/** Trouble on the way is waited out, for a server may be starting; who is locked out is told at once. */
function becomeReady(client: RedisClient, address: string, connectTimeout: number, signal: AbortSignal): Promise<void> {
  if (client.status === 'ready') return Promise.resolve()
  return new Promise<void>((resolve, reject) => {
    let trouble: unknown = new Error(`no answer in ${connectTimeout} ms`)
    const finish = (settle: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      for (const [event, listener] of Object.entries(listeners)) client.off(event, listener)
      settle()
    }
    const fail = (): void => finish(() => reject(cannotConnect(address, trouble)))
    const onAbort = (): void => finish(() => reject(signal.reason))
    const onError = (error: unknown): void => {
      trouble = causeOf(error)
      if (isLockedOut(trouble)) fail()
    }
    const listeners: Record<string, (error: unknown) => void> = {
      ready: () => finish(resolve),
      end: fail,
      error: onError,
      'node error': onError,
    }
    const timer = setTimeout(fail, connectTimeout)
    for (const [event, listener] of Object.entries(listeners)) client.on(event, listener)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    // It rejects at the first attempt that fails, and goes on trying: the events tell.
    else if (client.status === 'wait' || client.status === 'end') client.connect().catch(() => {})
  })
}

/** What a Cluster says when none of its nodes answers has the answer of the last node in it. */
function causeOf(error: unknown): unknown {
  const { lastNodeError } = error as { lastNodeError?: unknown }
  return lastNodeError ?? error
}

function addressOf({ url, client, sentinel, cluster }: CheckedOptions): string {
  if (sentinel !== undefined) return `${sentinel.name} of the Sentinels ${list(sentinel.nodes)}`
  if (cluster !== undefined) return `the Cluster of ${list(cluster.nodes)}`
  if (client !== undefined) {
    const { host, port, path, name } = client.options as Partial<Record<string, unknown>>
    if (client.isCluster) return 'the Cluster of the client'
    return typeof name === 'string' ? name : typeof path === 'string' ? path : `${String(host)}:${String(port)}`
  }
  const { hostname, port } = new URL(url ?? 'redis://127.0.0.1')
  return `${hostname}:${port === '' ? '6379' : port}`
}

function list(nodes: readonly RedisNode[]): string {
  return nodes.map(({ host, port }) => `${host}:${port}`).join(', ')
}
