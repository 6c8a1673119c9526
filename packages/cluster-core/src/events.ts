/**
 * What the supervisor tells about its workers. `id` is new with every fork and never used again; `slot` is the place
 * that a worker fills, from 0.
 */
export interface WorkerEvent {
  readonly slot: number
  readonly id: number
  /** `undefined` if the process could not be started. */
  readonly pid: number | undefined
}

/**
 * Why a worker is gone. `crashed`: on its own account, whatever its exit code. `boot-failed`: the same before it was
 * ready. `boot-timeout`: it was not ready in time and was killed. `drained`: asked to leave, it left with exit code 0.
 * `drain-timeout`: it was killed at the deadline of its drain. `killed`: stopped at once, either because it was not
 * ready yet when the cluster stopped, or by a second signal.
 */
export type ExitReason = 'crashed' | 'boot-failed' | 'boot-timeout' | 'drained' | 'drain-timeout' | 'killed'

export interface WorkerExit extends WorkerEvent {
  /** The exit code, or `null` when a signal ended it or it was never started. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly reason: ExitReason
}

export interface WorkerRestart {
  readonly slot: number
  /** Milliseconds until the slot is forked again. */
  readonly delay: number
  /** Exits in a row without a healthy spell between them, the last one included. */
  readonly failures: number
}

export interface ClusterEvents {
  'worker:fork': [WorkerEvent]
  'worker:ready': [WorkerEvent]
  'worker:draining': [WorkerEvent]
  'worker:exit': [WorkerExit]
  'worker:restart': [WorkerRestart]
}
