// The supervisor, its workers, and the Fastify plugin.
import {
  type Cluster,
  ClusterError,
  type ClusterErrorCode,
  type ClusterErrorOptions,
  type ClusterEvents,
  type ClusterOptions,
  type ClusterStatus,
  createCluster,
  type DrainOptions,
  type ExitReason,
  type PrimaryService,
  type RestartOptions,
  type ServiceChoice,
  type WorkerEvent,
  type WorkerExit,
  type WorkerRestart,
  type WorkerState,
  type WorkerStatus,
} from '@lockstep/cluster-core'
import { type ClusterWorker, type DrainHook, joinCluster } from '@lockstep/cluster-core/worker'
import asDefault, {
  clusterState,
  type ClusterState,
  type ClusterStateOptions,
  type ClusterStatePluginOptions,
  type HealthPaths,
  sayReady,
} from '@lockstep/fastify'
import Fastify from 'fastify'

const restart: RestartOptions = { initial: 100, max: 1_000, factor: 2, healthyAfter: 1_000 }
const drain: DrainOptions = { idle: 100, deadline: 1_000 }
const journaled: ServiceChoice = { name: '@lockstep/state-memory/host', options: { journal: './data' } }
const options: ClusterOptions = {
  script: new URL('worker.js', import.meta.url),
  args: ['x'],
  execArgv: [],
  env: { A: 'b' },
  workers: 'max',
  services: ['@lockstep/state-memory/host', journaled],
  bootTimeout: 1_000,
  restart,
  drain,
  signals: false,
}

export async function supervise(): Promise<[ClusterStatus['state'], WorkerState[], readonly WorkerExit[]]> {
  await using cluster: Cluster = createCluster(options)
  const exits: WorkerExit[] = []
  cluster.on('worker:exit', (exit) => exits.push(exit)).once('worker:fork', ({ pid }: WorkerEvent) => pid)
  const retried = ({ delay, failures }: WorkerRestart): number => delay * failures
  cluster.on('worker:restart', retried).off('worker:restart', retried)
  await cluster.start()
  const { state, workers } = cluster.status()
  await cluster.stop()
  return [state, workers.map((worker: WorkerStatus) => worker.state), exits]
}

export function why(error: unknown): ClusterErrorCode | ExitReason | undefined {
  const details: ClusterErrorOptions = { cause: error }
  const wrapped = new ClusterError('LOCKSTEP_CLUSTER_STOPPED', 'stopped', details)
  return error instanceof ClusterError ? (error.exit?.reason ?? error.code) : wrapped.code
}

export const service: PrimaryService = { env: {}, close: async () => {} }
export const events: (keyof ClusterEvents)[] = ['worker:ready', 'worker:draining']

export function join(): ClusterWorker {
  const worker = joinCluster()
  const hook: DrainHook = async () => {}
  const takeBack: () => void = worker.onDrain(hook)
  takeBack()
  worker.ready()
  return worker
}

export async function serve(): Promise<ClusterState> {
  const app = Fastify()
  const paths: HealthPaths = { live: '/live' }
  const more: ClusterStateOptions = { adapter: 'memory' }
  const second: ClusterStatePluginOptions = { ...more, decorateAs: 'cache', health: paths, ready: 'manual' }
  await app.register(clusterState, { adapter: 'memory' })
  await app.register(asDefault, second)
  await app.register(clusterState, { adapter: 'memory', health: false, decorateAs: 'third' })
  sayReady(app)
  app.post('/buy', async (_request, reply) => {
    const left: number | null = await app.clusterState.counters.take('stock')
    return reply.send({ left })
  })
  return app.clusterState
}
