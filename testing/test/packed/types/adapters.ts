// The adapters, their options, and a client of ioredis that is passed in.
import { createClusterState, type ClusterState } from '@lockstep/state'
import { type JournalOptions, memory, type MemoryOptions } from '@lockstep/state-memory'
import { type HostOptions, type MemoryHost, start, startHost } from '@lockstep/state-memory/host'
import { redis, type RedisClient, type RedisNode, type RedisOptions } from '@lockstep/state-redis'
import { Cluster, Redis } from 'ioredis'

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
  createClusterState({ adapter: { default: memory(), counters: redis({ cluster: { nodes } }) } }),
]

export async function hosting(): Promise<Readonly<Record<string, string>>> {
  const keeping: HostOptions = { journal, operationRetention: 60_000 }
  const hosts: MemoryHost[] = [await startHost(), await startHost(keeping), await start({ journal: './data' })]
  for (const host of hosts) await host.close()
  return hosts[0]?.env ?? {}
}
