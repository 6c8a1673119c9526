import type { Adapter, Capabilities, ConnectContext, Connection, Turn } from '@lockstep/state'
import { isStateError } from '@lockstep/state'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OpenClient, openClient, openSecond } from './client.ts'
import { RedisCounters } from './counters.ts'
import { Courier } from './courier.ts'
import { RedisEntries } from './entries.ts'
import { Health } from './health.ts'
import { Keys } from './keys.ts'
import { RedisLocks } from './locks.ts'
import { type CheckedOptions, checkOptions, type RedisClient, type RedisOptions } from './options.ts'
import { warningsAbout } from './passed-client.ts'
import { cannotConnect } from './trouble.ts'
import { Wakes } from './wakes.ts'

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
  const id = randomBytes(9).toString('base64url')
  const keys = new Keys(options.prefix)
  const locks = new RedisLocks({ courier, keys, client: id, cohort, cluster: client.isCluster })
  let second: RedisClient | undefined
  let wakes: Wakes
  try {
    await courier.learnTime()
    if (!client.isCluster && !(own && (await speaksResp3(client)))) second = await openSecond(open, options, signal)
    wakes = await Wakes.open(
      second ?? client,
      keys.ofWakes(id),
      (owner) => locks.offered(owner),
      () => locks.wakeAll(),
    )
  } catch (error) {
    courier.close()
    second?.disconnect()
    throw error
  }
  const health = new Health(client, waitReplicas, own ? [] : warningsAbout(client))
  return {
    capabilities: capabilitiesOf(client, cohort),
    locks,
    counters: new RedisCounters({ courier, keys, client: id, operationRetention, cluster: client.isCluster, turn }),
    entries: new RedisEntries({ courier, keys, client: id }),
    health: () => health.read(),
    close: async () => {
      await Promise.race([courier.idle(), sleep(patience, undefined, { ref: false })])
      courier.close()
      health.close()
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
