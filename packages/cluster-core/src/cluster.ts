import cluster from 'node:cluster'
import { EventEmitter } from 'node:events'
import { ClusterError, stoppedBeforeReady } from './errors.ts'
import type { ClusterEvents } from './events.ts'
import { type ClusterOptions, readOptions, type Settings } from './options.ts'
import { type PrimaryService, startServices } from './services.ts'
import { handleSignals } from './signals.ts'
import { Slot, type WorkerStatus } from './slot.ts'

/** The workers of this process, kept alive on one port. */
export interface Cluster extends AsyncDisposable {
  /**
   * Start the services, then the workers. Resolves when all of them are ready. When one cannot be brought up it
   * rejects, with everything stopped again: `LOCKSTEP_CLUSTER_SERVICE_FAILED`, `LOCKSTEP_CLUSTER_BOOT_FAILED`, or
   * `LOCKSTEP_CLUSTER_STOPPED` if `stop()` came first. Rejects with `LOCKSTEP_CLUSTER_ALREADY_RUNNING` while a cluster
   * of this process runs; after `stop()` it can be started again.
   */
  start(): Promise<void>
  /**
   * No new connections; requests under way are finished, or cut at the deadline; then the services are closed. Resolves
   * when the last worker has gone. Rejects with `LOCKSTEP_CLUSTER_SERVICE_FAILED` when a service did not close. A
   * stopped cluster resolves at once.
   */
  stop(): Promise<void>
  status(): ClusterStatus
  on<E extends keyof ClusterEvents>(event: E, listener: (...details: ClusterEvents[E]) => void): this
  once<E extends keyof ClusterEvents>(event: E, listener: (...details: ClusterEvents[E]) => void): this
  off<E extends keyof ClusterEvents>(event: E, listener: (...details: ClusterEvents[E]) => void): this
}

export interface ClusterStatus {
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped'
  /** One for each slot, in order. */
  readonly workers: readonly WorkerStatus[]
}

/**
 * A supervisor for this process, which must be the primary. Nothing is started yet. Throws
 * `LOCKSTEP_CLUSTER_NOT_PRIMARY` in a worker, and `LOCKSTEP_CLUSTER_INVALID_OPTION`.
 */
export function createCluster(options: ClusterOptions): Cluster {
  if (!cluster.isPrimary) {
    const message =
      'createCluster() was called in a worker. Call it in the primary, and give the workers a script of their own.'
    throw new ClusterError('LOCKSTEP_CLUSTER_NOT_PRIMARY', message)
  }
  return new Supervisor(readOptions(options))
}

// node:cluster has one set of workers and settings for a process.
let running = false

class Supervisor extends EventEmitter<ClusterEvents> implements Cluster {
  readonly #settings: Settings
  #state: ClusterStatus['state'] = 'stopped'
  #services: Promise<PrimaryService> | undefined
  #slots: Slot[] = []
  #stopping: Promise<void> | undefined
  #ignoreSignals: (() => void) | undefined

  constructor(settings: Settings) {
    super()
    this.#settings = settings
  }

  async start(): Promise<void> {
    if (running) {
      throw new ClusterError(
        'LOCKSTEP_CLUSTER_ALREADY_RUNNING',
        'A cluster of this process is running. Await its stop() first.',
      )
    }
    running = true
    this.#state = 'starting'
    if (this.#settings.signals) {
      this.#ignoreSignals = handleSignals(
        () => this.stop(),
        () => this.#kill(),
      )
    }
    try {
      await this.#startAll()
    } catch (error) {
      await this.stop().catch(() => {}) // what failed first is the news
      throw error
    }
  }

  stop(): Promise<void> {
    if (this.#state === 'stopped') return Promise.resolve()
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  status(): ClusterStatus {
    return { state: this.#state, workers: this.#slots.map((slot) => slot.status()) }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #startAll(): Promise<void> {
    const { script, args, execArgv, env, workers, services } = this.#settings
    this.#slots = []
    this.#services = startServices(services, script)
    const { env: serviceEnv } = await this.#services
    if (this.#state !== 'starting') throw stoppedBeforeReady()
    cluster.setupPrimary({ exec: script, args: [...args], execArgv: [...execArgv] })
    const workerEnv = { ...env, ...serviceEnv }
    this.#slots = Array.from({ length: workers }, (_, index) => new Slot(index, this.#settings, workerEnv, this))
    await Promise.all(this.#slots.map((slot) => slot.start()))
    this.#state = 'running'
  }

  async #stopAll(): Promise<void> {
    this.#state = 'stopping'
    try {
      await Promise.all(this.#slots.map((slot) => slot.stop()))
      const services = await this.#services?.catch(() => undefined) // start() has reported it
      await services?.close()
    } finally {
      this.#ignoreSignals?.()
      this.#state = 'stopped'
      this.#stopping = undefined
      running = false
    }
  }

  #kill(): void {
    for (const slot of this.#slots) slot.kill()
  }
}
