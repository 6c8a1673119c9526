import cluster from 'node:cluster'
import { takeAssignment } from './assignment.ts'
import { ManagedWorker } from './managed-worker.ts'

/** Runs when the worker has been asked to leave and its HTTP requests are answered. */
export type DrainHook = () => void | Promise<void>

/** What a worker says to its supervisor, and hears from it. */
export interface ClusterWorker {
  /** Whether `createCluster` started this process. If not, nothing here has an effect, and no hook is ever run. */
  readonly managed: boolean
  /** The place that this worker fills, from 0. It stays the same when the worker is replaced; `id` does not. */
  readonly slot: number | undefined
  readonly id: number | undefined
  /**
   * Aborts when the worker has been asked to leave, or its primary is gone: end here what would never end by itself,
   * such as event streams.
   */
  readonly signal: AbortSignal
  /** This worker can serve. Only the first call counts. */
  ready(): void
  /**
   * Have something done before the process ends. Hooks run one after the other, the last registered first, when no HTTP
   * request is under way any more; the channel to the primary (`process.send`) may be closed by then. One that fails
   * does not stop the others, and ends the process with its error. Returns a function that takes the hook back.
   */
  onDrain(hook: DrainHook): () => void
}

// Kept where every copy of this package in the process finds it: a worker leaves once.
const key = Symbol.for('lockstep.ClusterWorker')
const shared = globalThis as typeof globalThis & { [key]?: ClusterWorker }

/**
 * Join the cluster that this process is a worker of; the same object for every caller. Call it before the first server
 * listens. From then on the process leaves SIGTERM and SIGINT to its primary, and when the primary is gone it finishes
 * what is under way and ends.
 */
export function joinCluster(): ClusterWorker {
  shared[key] ??= join()
  return shared[key]
}

function join(): ClusterWorker {
  const assignment = takeAssignment(process.env)
  if (assignment === undefined || !cluster.isWorker) return unmanaged()
  return new ManagedWorker(assignment)
}

function unmanaged(): ClusterWorker {
  return {
    managed: false,
    slot: undefined,
    id: undefined,
    signal: new AbortController().signal,
    ready() {},
    onDrain() {
      return () => {}
    },
  }
}
