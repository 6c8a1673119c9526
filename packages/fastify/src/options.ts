import { type ClusterStateOptions, InvalidArgumentError } from '@lockstep/state'

export interface HealthPaths {
  /** Answers 200 while the process lives; never asks a store. Default `/health/live`. */
  readonly live?: string
  /** Answers 200 while requests are welcome, else 503. Default `/health/ready`. */
  readonly ready?: string
}

/** What `app.register(clusterState, …)` takes besides the options of `createClusterState`. */
export type ClusterStatePluginOptions = ClusterStateOptions & {
  /**
   * The name of the decorator. A second registration needs one of its own; `app.getDecorator<ClusterState>('cache')` reads it. Default `clusterState`.
   */
  readonly decorateAs?: string
  /**
   * Paths of the health routes; `false`: none from this registration. They exist once per server, where the first registration that does not say
   * `false` puts them, and speak for all registrations.
   */
  readonly health?: HealthPaths | false
  /**
   * When a worker of a Lockstep cluster says that it is ready: when Fastify listens, when it has booted (`'ready'`, for workers that never listen), or
   * when you call `sayReady(app)` (`'manual'`). One per server: that of the first registration. Default `'listen'`.
   */
  readonly ready?: Ready
}

export type Ready = (typeof readyModes)[number]

const readyModes = ['listen', 'ready', 'manual'] as const

export interface PluginSettings {
  readonly decorateAs: string
  readonly health: Required<HealthPaths> | false
  readonly ready: Ready
}

/** Read once, checked once. Throws `InvalidArgumentError`. The options of the state are checked by `createClusterState`. */
export function readSettings(options: ClusterStatePluginOptions): PluginSettings {
  const { decorateAs = 'clusterState', health = {}, ready = 'listen' } = options
  if (typeof decorateAs !== 'string' || decorateAs === '') {
    throw new InvalidArgumentError(`decorateAs must be a non-empty string, got ${JSON.stringify(decorateAs)}`)
  }
  if (!readyModes.includes(ready)) {
    throw new InvalidArgumentError(`ready must be one of ${readyModes.join(', ')}, got ${JSON.stringify(ready)}`)
  }
  return { decorateAs, health: health && healthPaths(health), ready }
}

function healthPaths({ live = '/health/live', ready = '/health/ready' }: HealthPaths): Required<HealthPaths> {
  return { live, ready }
}
