import { createClusterState, InvalidArgumentError } from '@lockstep/state'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { addHealthRoutes } from './health.ts'
import { type ClusterStatePluginOptions, readSettings } from './options.ts'
import { readinessOf } from './readiness.ts'

const plugin: FastifyPluginAsync<ClusterStatePluginOptions> = async (app, options) => {
  const { decorateAs, health, ready } = readSettings(options)
  if (app.hasDecorator(decorateAs)) {
    throw new InvalidArgumentError(
      `decorateAs must be a name that the app does not have yet, got ${JSON.stringify(decorateAs)}; give each registration its own`,
    )
  }
  const state = await createClusterState(options)
  app.addHook('onClose', () => state.close())
  app.decorate(decorateAs, state)
  const readiness = readinessOf(app, ready)
  readiness.add(state)
  if (health && readiness.claimRoutes()) addHealthRoutes(app, health, readiness)
}

/**
 * Cluster-wide state for a Fastify app: `app.clusterState`, health routes, and the readiness and drain of a Lockstep worker.
 *
 * Registering is done when the backend has answered. It rejects with the coded error of `createClusterState` when the backend does not answer in time,
 * and with `InvalidArgumentError` when an option is wrong or the decorator exists. Closing the app closes the state, after the requests in flight.
 */
export const clusterState: FastifyPluginAsync<ClusterStatePluginOptions> = fp(plugin, {
  name: 'cluster-state',
  fastify: '5.x',
})
