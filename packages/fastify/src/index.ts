import type { ClusterState } from '@lockstep/state'

export type { ClusterState, ClusterStateOptions } from '@lockstep/state'
export type { ClusterStatePluginOptions, HealthPaths } from './options.ts'
export { clusterState, clusterState as default } from './plugin.ts'
export { sayReady } from './readiness.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Locks, counters and entries, the same for every worker. */
    clusterState: ClusterState
  }
}
