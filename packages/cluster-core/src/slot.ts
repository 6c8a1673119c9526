import cluster, { type Worker } from 'node:cluster'
import type { EventEmitter } from 'node:events'
import { assignmentToEnv } from './assignment.ts'
import { backoffDelay } from './backoff.ts'
import { bootFailed, type ClusterError, stoppedBeforeReady } from './errors.ts'
import type { ClusterEvents, ExitReason, WorkerEvent, WorkerExit } from './events.ts'
import { isMessage, post } from './messages.ts'
import type { Settings } from './options.ts'

/** `crashed`: gone, and waiting for its next start. */
export type WorkerState = 'starting' | 'ready' | 'draining' | 'stopped' | 'crashed'

export interface WorkerStatus {
  readonly slot: number
  /** Of the present process, `undefined` between two of them; as is `pid`. */
  readonly id: number | undefined
  readonly pid: number | undefined
  readonly state: WorkerState
  /** Milliseconds since the present process said that it is ready; 0 before. */
  readonly uptime: number
  /** How often the slot was forked again since the cluster started. */
  readonly restarts: number
  readonly lastExit: WorkerExit | undefined
}

/** A worker that fails so often in a row before it was ready for the first time is broken, not unlucky. */
const bootAttempts = 3

let forks = 0

/**
 * The place of one worker: forks it, waits until it is ready, forks it again when it is gone, lets it drain. What is
 * wanted of the worker is kept here and never read from the process.
 */
export class Slot {
  readonly #index: number
  readonly #settings: Settings
  readonly #env: Readonly<Record<string, string>>
  readonly #events: EventEmitter<ClusterEvents>
  #state: WorkerState = 'stopped'
  /** A slot waits for one thing at a time: readiness, the next start, or the end of a drain. */
  #timer: NodeJS.Timeout | undefined
  #worker: Worker | undefined
  /** Of the present process, or of the last one. */
  #id = 0
  /** Why we killed the present process. */
  #killed: ExitReason | undefined
  #readyAt: number | undefined
  #failures = 0
  #restarts = 0
  #lastExit: WorkerExit | undefined
  #boot: { resolve(): void; reject(reason: ClusterError): void } | undefined
  #onStopped: (() => void)[] = []

  constructor(
    index: number,
    settings: Settings,
    env: Readonly<Record<string, string>>,
    events: EventEmitter<ClusterEvents>,
  ) {
    this.#index = index
    this.#settings = settings
    this.#env = env
    this.#events = events
  }

  /**
   * Resolves when the worker is ready for the first time. Rejects with `LOCKSTEP_CLUSTER_BOOT_FAILED` when it has
   * failed too often in a row before that, and with `LOCKSTEP_CLUSTER_STOPPED` when it was stopped.
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#boot = { resolve, reject }
      this.#fork()
    })
  }

  /** Let the worker finish what it has under way. Resolves when it has gone. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#onStopped.push(resolve)
      if (this.#state === 'ready') this.#drain()
      else if (this.#state === 'starting') this.#abandon()
      else if (this.#state !== 'draining') this.#stopped()
    })
  }

  /** End the worker at once. */
  kill(reason: ExitReason = 'killed'): void {
    this.#killed = reason
    this.#worker?.process.kill('SIGKILL')
  }

  status(): WorkerStatus {
    return {
      slot: this.#index,
      id: this.#worker && this.#id,
      pid: this.#worker?.process.pid,
      state: this.#state,
      uptime: this.#uptime(),
      restarts: this.#restarts,
      lastExit: this.#lastExit,
    }
  }

  #fork(): void {
    this.#enter('starting', this.#settings.bootTimeout, () => this.kill('boot-timeout'))
    this.#killed = undefined
    this.#id = ++forks
    const assignment = assignmentToEnv({ slot: this.#index, id: this.#id, drain: this.#settings.drain })
    try {
      this.#worker = cluster.fork({ ...this.#env, ...assignment })
    } catch (error) {
      return this.#gone(null, null, error)
    }
    this.#watch(this.#worker)
    this.#events.emit('worker:fork', this.#event())
  }

  #watch(worker: Worker): void {
    worker.on('message', (message: unknown) => {
      if (worker === this.#worker && isMessage(message, 'ready')) this.#ready()
    })
    worker.once('exit', (code, signal) => this.#gone(code, signal as NodeJS.Signals | null))
    worker.on('error', (error) => {
      // A process that never came to be has no exit. Other errors are messages lost on their way to one that is dying.
      if (worker === this.#worker && worker.process.pid === undefined) this.#gone(null, null, error)
    })
  }

  #ready(): void {
    if (this.#state !== 'starting') return
    this.#enter('ready')
    this.#readyAt = performance.now()
    this.#events.emit('worker:ready', this.#event())
    this.#boot?.resolve()
    this.#boot = undefined
  }

  #drain(): void {
    const worker = this.#worker
    if (worker === undefined) return
    this.#enter('draining', this.#settings.drain.deadline, () => this.kill('drain-timeout'))
    post(worker.process, 'drain')
    // The primary stops handing it connections before it is told to close, and the channel keeps that order: none is
    // lost between the two. A worker that closed first would refuse the late ones, and when the last worker closes
    // nobody is left to take them.
    worker.disconnect()
    this.#events.emit('worker:draining', this.#event())
  }

  /** A worker that never was ready serves nobody and may not be listening to us yet. */
  #abandon(): void {
    this.#enter('draining')
    this.kill()
  }

  #gone(code: number | null, signal: NodeJS.Signals | null, cause?: unknown): void {
    const draining = this.#state === 'draining'
    const exit: WorkerExit = { ...this.#event(), code, signal, reason: this.#killed ?? this.#ownReason(code) }
    this.#failures = this.#wasHealthy() ? 1 : this.#failures + 1
    this.#worker = undefined
    this.#readyAt = undefined
    this.#lastExit = exit
    this.#enter('crashed')
    this.#events.emit('worker:exit', exit)
    if (draining) this.#stopped()
    else if (this.#boot !== undefined && this.#failures >= bootAttempts) this.#giveUp(exit, cause)
    else if (this.#state === 'crashed') this.#restart()
  }

  #ownReason(code: number | null): ExitReason {
    if (this.#state === 'starting') return 'boot-failed'
    return this.#state === 'draining' && code === 0 ? 'drained' : 'crashed'
  }

  #restart(): void {
    const delay = backoffDelay(this.#failures, this.#settings.restart, Math.random())
    this.#enter('crashed', delay, () => {
      this.#restarts++
      this.#fork()
    })
    this.#events.emit('worker:restart', { slot: this.#index, delay, failures: this.#failures })
  }

  #giveUp(exit: WorkerExit, cause: unknown): void {
    this.#boot?.reject(bootFailed(exit, this.#failures, this.#settings, cause))
    this.#boot = undefined
    this.#stopped()
  }

  #stopped(): void {
    this.#enter('stopped')
    this.#boot?.reject(stoppedBeforeReady())
    this.#boot = undefined
    for (const resolve of this.#onStopped.splice(0)) resolve()
  }

  #enter(state: WorkerState, timeout?: number, onTimeout?: () => void): void {
    clearTimeout(this.#timer)
    this.#state = state
    if (onTimeout !== undefined) this.#timer = setTimeout(onTimeout, timeout)
  }

  #uptime(): number {
    return this.#readyAt === undefined ? 0 : performance.now() - this.#readyAt
  }

  #wasHealthy(): boolean {
    return this.#readyAt !== undefined && this.#uptime() >= this.#settings.restart.healthyAfter
  }

  #event(): WorkerEvent {
    return { slot: this.#index, id: this.#id, pid: this.#worker?.process.pid }
  }
}
