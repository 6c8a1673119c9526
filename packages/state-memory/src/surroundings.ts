import cluster from 'node:cluster'
import { isMainThread } from 'node:worker_threads'
import { UnavailableError } from '@lockstep/state'

const remedy =
  'Start the workers with createCluster() of @lockstep/cluster-core, or call startHost() of @lockstep/state-memory/host in the primary before it forks, or choose an adapter with a server, such as redis.'

/**
 * Called where no host is in sight: is it right that this process keeps the state alone? Throws `UnavailableError` in a process that has siblings by the look
 * of it; answers with the warnings that `health()` gives otherwise.
 */
export function aloneOrRefuse(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  // A worker of PM2 has its number in pm_id, in cluster mode and in fork mode.
  if (env['pm_id'] !== undefined) {
    throw new UnavailableError(
      `the memory adapter cannot share state between the processes of PM2, which runs no code of yours in its primary. ${remedy}`,
    )
  }
  if (cluster.isWorker) {
    throw new UnavailableError(
      `the memory adapter found no host in the primary of this cluster worker, so its state would not be shared. ${remedy}`,
    )
  }
  return isMainThread
    ? []
    : ['no host is running: the state is of this worker thread alone; call startHost() in the main thread first']
}
