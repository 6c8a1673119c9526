import type { WorkerExit } from './events.ts'
import type { Settings } from './options.ts'

export type ClusterErrorCode =
  | 'LOCKSTEP_CLUSTER_INVALID_OPTION'
  | 'LOCKSTEP_CLUSTER_NOT_PRIMARY'
  | 'LOCKSTEP_CLUSTER_ALREADY_RUNNING'
  | 'LOCKSTEP_CLUSTER_SERVICE_FAILED'
  | 'LOCKSTEP_CLUSTER_BOOT_FAILED'
  | 'LOCKSTEP_CLUSTER_STOPPED'

export interface ClusterErrorOptions extends ErrorOptions {
  /** The exit that the error is about. */
  readonly exit?: WorkerExit
}

/** Every failure of the supervisor, told apart by `code`. Messages say what happened, why, and what to do. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode
  /** `LOCKSTEP_CLUSTER_BOOT_FAILED` only: how the worker ended the last time. */
  readonly exit: WorkerExit | undefined

  constructor(code: ClusterErrorCode, message: string, { exit, ...options }: ClusterErrorOptions = {}) {
    super(message, options)
    this.name = 'ClusterError'
    this.code = code
    this.exit = exit
  }
}

/** The end of a worker that could not be brought up. */
export function bootFailed(exit: WorkerExit, attempts: number, settings: Settings, cause: unknown): ClusterError {
  const worker = `Worker ${exit.slot} (${settings.script})`
  const message = `${worker} failed ${attempts} times in a row before it was ready: ${lastWords(exit, settings, cause)}`
  return new ClusterError('LOCKSTEP_CLUSTER_BOOT_FAILED', message, { exit, ...(cause === undefined ? {} : { cause }) })
}

function lastWords({ code, signal, reason }: WorkerExit, { bootTimeout }: Settings, cause: unknown): string {
  if (cause !== undefined) return `it could not be started (${messageOf(cause)}).`
  if (reason !== 'boot-timeout') return `it ended with ${signal ?? `exit code ${code}`}; its error output says why.`
  const cure =
    'Let it call joinCluster().ready() from @lockstep/cluster-core/worker when it can serve, or raise bootTimeout.'
  return `it was not ready within ${bootTimeout} ms. ${cure}`
}

export function stoppedBeforeReady(): ClusterError {
  return new ClusterError('LOCKSTEP_CLUSTER_STOPPED', 'The cluster was stopped before all its workers were ready.')
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
