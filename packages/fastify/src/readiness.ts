import { joinCluster } from '@lockstep/cluster-core/worker'
import { type ClusterState, type Health, InvalidArgumentError, overall } from '@lockstep/state'
import type { FastifyInstance } from 'fastify'
import type { Ready } from './options.ts'

/** The health of all states of a server, the worst in `status`; a server that is starting or closing asks no store. */
export interface ReadinessReport {
  readonly status: Health['status'] | 'starting' | 'closing'
  readonly adapters: Health['adapters']
}

/** Whether one HTTP server welcomes requests, as its load balancer sees it. */
export class Readiness {
  readonly #states: ClusterState[] = []
  readonly #leaving: AbortSignal
  #phase: 'starting' | 'serving' | 'closing' = 'starting'
  #hasRoutes = false

  /** `leaving` aborts when the process has been asked to leave. */
  constructor(leaving: AbortSignal) {
    this.#leaving = leaving
  }

  add(state: ClusterState): void {
    this.#states.push(state)
  }

  /** `true` for the first caller only: the health routes exist once per server. */
  claimRoutes(): boolean {
    const first = !this.#hasRoutes
    this.#hasRoutes = true
    return first
  }

  serve(): void {
    if (this.#phase === 'starting') this.#phase = 'serving'
  }

  close(): void {
    this.#phase = 'closing'
  }

  async report(): Promise<ReadinessReport> {
    const phase = this.#leaving.aborted ? 'closing' : this.#phase
    if (phase !== 'serving') return { status: phase, adapters: [] }
    return overall(await Promise.all(this.#states.map((state) => state.health())))
  }
}

const servers = new WeakMap<object, Readiness>()

/** The readiness of the server under `app`. The first call ties it to the life of the app and, in a worker, to the supervisor. */
export function readinessOf(app: FastifyInstance, ready: Ready): Readiness {
  const known = servers.get(app.server)
  if (known) return known
  const worker = joinCluster()
  const readiness = new Readiness(worker.signal)
  servers.set(app.server, readiness)

  const stay = worker.onDrain(async () => {
    await app.close()
  })
  app.addHook('preClose', async () => readiness.close())
  app.addHook('onClose', async () => stay())

  // No request, real or injected, comes before the app has booted.
  if (ready !== 'manual') readiness.serve()
  if (ready === 'listen') app.addHook('onListen', async () => worker.ready())
  if (ready === 'ready') app.addHook('onReady', async () => worker.ready())
  return readiness
}

/**
 * For `ready: 'manual'`: the warm-up is over, requests are welcome. The ready route and, in a worker, the supervisor learn of it. Throws
 * `InvalidArgumentError` when `clusterState` is not registered on this server.
 */
export function sayReady(app: FastifyInstance): void {
  const readiness = servers.get(app.server)
  if (!readiness) throw new InvalidArgumentError('app must have clusterState registered before sayReady(app)')
  readiness.serve()
  joinCluster().ready()
}
