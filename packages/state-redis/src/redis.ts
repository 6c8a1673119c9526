import type { Adapter, Call, Capabilities, ConnectContext, Connection, ConnectionHealth, Turn } from '@lockstep/state'
import { isStateError, monotonic } from '@lockstep/state'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OpenClient, openClient, openSecond } from './client.ts'
import { RedisCounters } from './counters.ts'
import { Courier } from './courier.ts'
import { readDurability } from './durability.ts'
import { RedisEntries } from './entries.ts'
import { Keys } from './keys.ts'
import { RedisLocks } from './locks.ts'
import { type CheckedOptions, checkOptions, type RedisClient, type RedisOptions } from './options.ts'
import { warningsAbout } from './passed-client.ts'
import { cannotConnect } from './trouble.ts'
import { Wakes } from './wakes.ts'

/** Settings are read again after this, in milliseconds. */
const settingsGoodFor = 60_000
/** What is under way when the adapter closes has so long to settle, in milliseconds. */
const patience = 1_000

/**
 * State in Redis, through ioredis: one server, the primary that Sentinels name, or a Cluster. Every request is one script, so it is one atomic step and one round
 * trip.
 */
export function redis(options?: RedisOptions): Adapter {
  const checked = checkOptions(options)
  return { name: 'redis', connect: (context) => connect(checked, context) }
}

async function connect(options: CheckedOptions, { signal, turn }: ConnectContext): Promise<Connection> {
  const open = await openClient(options, signal)
  const ended = new AbortController()
  const opening = connectionOn(open, options, signal, turn)
  try {
    return await Promise.race([
      opening,
      sleep(options.connectTimeout, undefined, { signal: ended.signal }).then(() => {
        throw new Error(`no answer in ${options.connectTimeout} ms`)
      }),
    ])
  } catch (error) {
    if (open.own) open.client.disconnect()
    void opening.then((connection) => connection.close()).catch(() => {})
    throw isStateError(error) || signal.aborted ? error : cannotConnect(open.address, error)
  } finally {
    ended.abort()
  }
}

async function connectionOn(
  open: OpenClient,
  options: CheckedOptions,
  signal: AbortSignal,
  turn: Turn,
): Promise<Connection> {
  const { client, address, own } = open
  const { waitReplicas, waitTimeout, operationRetention, cohort } = options
  const courier = new Courier({
    client,
    address,
    commandTimeout: own ? options.commandTimeout : undefined,
    replicas: waitReplicas === 0 ? undefined : { count: waitReplicas, timeout: waitTimeout },
  })
  await courier.learnTime()
  const id = randomBytes(9).toString('base64url')
  const keys = new Keys(options.prefix)
  const locks = new RedisLocks({ courier, keys, client: id, cohort, cluster: client.isCluster })
  const second =
    client.isCluster || (own && (await speaksResp3(client))) ? undefined : await openSecond(open, options, signal)
  const wakes = await Wakes.open(
    second ?? client,
    keys.ofWakes(id),
    (owner) => locks.offered(owner),
    () => locks.wakeAll(),
  )
  return {
    capabilities: capabilitiesOf(client, cohort),
    locks,
    counters: new RedisCounters({ courier, keys, client: id, operationRetention, cluster: client.isCluster, turn }),
    entries: new RedisEntries({ courier, keys, client: id }),
    health: healthOf(client, options, own ? [] : warningsAbout(client)),
    close: async () => {
      await Promise.race([courier.idle(), sleep(patience, undefined, { ref: false })])
      courier.close()
      await wakes.close()
      second?.disconnect()
      if (own) client.disconnect()
    },
  }
}

function capabilitiesOf({ isCluster }: RedisClient, cohort: number): Capabilities {
  const capabilities: Capabilities = {
    locks: { fair: cohort === 0 ? 'strict' : 'cohort', wake: 'push' },
    counters: { addAll: isCluster ? 'samePlacement' : 'any', safeRetry: 'always', fence: true },
    entries: { safeRetry: 'always', fence: true },
    queues: false,
    transactions: false,
  }
  return Object.freeze(capabilities)
}

/** Then a connection that is subscribed goes on taking commands. */
async function speaksResp3(client: RedisClient): Promise<boolean> {
  const hello = await client.call('HELLO').catch(() => [])
  const fields = Array.isArray(hello) ? hello : Object.entries(hello as object).flat()
  return Number(fields[fields.indexOf('proto') + 1]) === 3
}

function healthOf(
  client: RedisClient,
  { waitReplicas }: CheckedOptions,
  standing: readonly string[],
): (call: Call) => Promise<ConnectionHealth> {
  let settings: ConnectionHealth | undefined
  let readAt = 0
  client.on('ready', () => (settings = undefined))
  return async () => {
    await client.call('PING')
    if (settings === undefined || monotonic() - readAt > settingsGoodFor) {
      settings = await readDurability(client, waitReplicas)
      readAt = monotonic()
    }
    return { ...settings, warnings: [...standing, ...settings.warnings] }
  }
}
