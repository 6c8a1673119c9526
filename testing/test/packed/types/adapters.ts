// The adapters, their options, and a client of ioredis that is passed in.
import { createClusterState, type ClusterState } from '@lockstep/state'
import { type JournalOptions, memory, type MemoryOptions } from '@lockstep/state-memory'
import { type HostOptions, type MemoryHost, start, startHost } from '@lockstep/state-memory/host'
import {
  mysql,
  type MysqlAdapter,
  type MysqlOptions,
  type RunStatement,
  schema,
  type TransactionOptions,
  type Transactions,
  type TransactionWork,
} from '@lockstep/state-mysql'
import { redis, type RedisClient, type RedisNode, type RedisOptions } from '@lockstep/state-redis'
import { Cluster, Redis } from 'ioredis'
import { createPool } from 'mysql2'
import { createPool as createPromisePool, type RowDataPacket } from 'mysql2/promise'

const journal: JournalOptions = { folder: './data', fsync: 'batch', repair: false }
const ours: MemoryOptions = { connectTimeout: 1_000, operationRetention: 60_000 }
const nodes: readonly RedisNode[] = [{ host: 'a', port: 6379 }]
const theirs: RedisOptions = {
  url: 'rediss://127.0.0.1:6379',
  username: 'alice',
  password: undefined,
  db: 1,
  tls: { rejectUnauthorized: true },
  prefix: 'app:',
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  cohort: 0,
  waitReplicas: 1,
  waitTimeout: 500,
  operationRetention: 60_000,
}
const database: MysqlOptions = {
  uri: 'mysql://alice@127.0.0.1:3306/shop',
  ssl: { rejectUnauthorized: true },
  connectionLimit: 5,
  prefix: 'app_',
  autoMigrate: undefined,
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  cohort: 0,
  operationRetention: 60_000,
}
const client: RedisClient = new Redis({ lazyConnect: true })
const cluster = new Cluster([{ host: 'a', port: 7000 }], { lazyConnect: true })

export const states: Promise<ClusterState>[] = [
  createClusterState({ adapter: 'memory', options: ours }),
  createClusterState({ adapter: memory(ours) }),
  createClusterState({ adapter: memory({ journal }) }),
  createClusterState({ adapter: 'memory', options: { journal: './data' } }),
  createClusterState({ adapter: 'redis', options: theirs }),
  createClusterState({ adapter: redis({ client }) }),
  createClusterState({ adapter: redis({ client: cluster }) }),
  createClusterState({ adapter: redis({ client: new Redis() }) }),
  createClusterState({ adapter: redis({ sentinel: { name: 'mymaster', nodes, password: 'x' } }) }),
  createClusterState({ adapter: 'mysql', options: database }),
  createClusterState({ adapter: mysql({ pool: createPool({ uri: 'mysql://127.0.0.1/shop' }) }) }),
  createClusterState({ adapter: mysql({ pool: createPromisePool({ uri: 'mysql://127.0.0.1/shop' }) }) }),
  createClusterState({ adapter: { default: memory(), counters: redis({ cluster: { nodes } }) } }),
]

export async function hosting(): Promise<Readonly<Record<string, string>>> {
  const keeping: HostOptions = { journal, operationRetention: 60_000 }
  const hosts: MemoryHost[] = [await startHost(), await startHost(keeping), await start({ journal: './data' })]
  for (const host of hosts) await host.close()
  return hosts[0]?.env ?? {}
}

export async function transactions(run: RunStatement): Promise<[string, boolean]> {
  const adapter: MysqlAdapter = mysql(database)
  const all: Transactions = adapter
  const state = await createClusterState({ adapter })
  await using lease = await state.locks.acquire('order:7')
  const sell: TransactionWork<boolean> = async (connection) => {
    const [[row]] = await connection.execute<RowDataPacket[]>('SELECT stock FROM products WHERE id = ? FOR UPDATE', [7])
    return row?.['stock'] > 0
  }
  const options: TransactionOptions = { resource: 'order:7', timeout: 1_000, signal: lease.signal }
  await all.assertHeld(run, lease)
  await all.transaction(sell, { timeout: 1_000 })
  await all.withTransaction(lease, sell)
  return [schema({ prefix: 'app_' }), await all.withTransaction(lease, options, sell)]
}
