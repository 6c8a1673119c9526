// Modules of a CommonJS project load ours by require, which TypeScript knows of Node from 5.8 on.
import { createCluster } from '@lockstep/cluster-core'
import { joinCluster } from '@lockstep/cluster-core/worker'
import { conformance } from '@lockstep/conformance'
import { Engine } from '@lockstep/engine'
import clusterState from '@lockstep/fastify'
import { openLocal } from '@lockstep/link'
import { createClusterState } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import { startHost } from '@lockstep/state-memory/host'
import { redis } from '@lockstep/state-redis'
import Fastify from 'fastify'

export const left: Promise<number | null> = createClusterState({ adapter: memory() }).then(({ counters }) =>
  counters.take('stock'),
)
export const app = Fastify().register(clusterState, { adapter: 'redis', options: { url: 'redis://127.0.0.1' } })
export const all = [createCluster, joinCluster, conformance, Engine, openLocal, startHost, redis]
