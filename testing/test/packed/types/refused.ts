// What must not compile. A line that does is an error here.
import { createCluster } from '@lockstep/cluster-core'
import { clusterState } from '@lockstep/fastify'
import { createClusterState, type ClusterState } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import { redis } from '@lockstep/state-redis'
import Fastify from 'fastify'

declare const state: ClusterState
const { locks, counters, entries } = state
const app = Fastify()

export const refused = [
  // @ts-expect-error an option that the adapter does not have
  createClusterState({ adapter: 'memory', options: { connectTimeOut: 1 } }),
  // @ts-expect-error an option of another adapter
  createClusterState({ adapter: 'memory', options: { url: 'redis://127.0.0.1' } }),
  // @ts-expect-error an adapter that is made has its options already
  createClusterState({ adapter: memory(), options: {} }),
  // @ts-expect-error no adapter
  createClusterState({}),
  // @ts-expect-error no default among several
  createClusterState({ adapter: { counters: 'memory' } }),
  // @ts-expect-error a duration that is a text
  memory({ connectTimeout: '5s' }),
  // @ts-expect-error an option of ioredis is not one of ours
  redis({ keyPrefix: 'app:' }),
  // @ts-expect-error a client that is none
  redis({ client: {} }),
  // @ts-expect-error a ttl that is a text
  locks.acquire('a', { ttl: '10s' }),
  // @ts-expect-error trying does not wait
  locks.tryAcquire('a', { wait: 10 }),
  // @ts-expect-error nothing to do while leading
  locks.lead('a', {}),
  // @ts-expect-error a fence is a lease, not its token
  counters.add('a', 1, { fence: 17 }),
  // @ts-expect-error bounds belong to add
  counters.take('a', 1, { min: 0 }),
  // @ts-expect-error a value is a text; open() is for JSON
  entries.set('a', { items: [] }),
  // @ts-expect-error another type than the prefix was opened with
  entries.open<number>('n:').set('a', 'text'),
  // @ts-expect-error take may answer null
  counters.take('a').then((left): number => left),
  // @ts-expect-error no script
  createCluster({ workers: 2 }),
  // @ts-expect-error workers are counted, or named by a word that is known
  createCluster({ script: 'a.js', workers: 'all' }),
  // @ts-expect-error the plugin checks what the state does
  app.register(clusterState, { adapter: 'memory', options: { url: 'x' } }),
  // @ts-expect-error a moment of readiness that there is not
  app.register(clusterState, { adapter: 'memory', ready: 'now' }),
  // @ts-expect-error the token of a lease is read only
  locks.using('a', (lease) => (lease.token = 1)),
]
