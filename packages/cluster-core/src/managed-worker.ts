import cluster from 'node:cluster'
import type { Assignment } from './assignment.ts'
import { HttpTraffic } from './http-traffic.ts'
import { isMessage, post } from './messages.ts'
import type { ClusterWorker, DrainHook } from './worker.ts'

/**
 * How much longer than its primary a worker waits for its own drain to end, in milliseconds: as long as the primary
 * lives it is the one to judge, and it can end a worker whose event loop is stuck.
 */
const grace = 1_000

/** The process, as a worker of ours. There is one. */
export class ManagedWorker implements ClusterWorker {
  readonly managed = true
  readonly slot: number
  readonly id: number
  readonly #assignment: Assignment
  readonly #traffic = new HttpTraffic()
  readonly #hooks = new Set<{ readonly run: DrainHook }>()
  readonly #leaving = new AbortController()
  #saidReady = false

  constructor(assignment: Assignment) {
    this.slot = assignment.slot
    this.id = assignment.id
    this.#assignment = assignment
    this.#traffic.watch()
    this.#listen()
  }

  get signal(): AbortSignal {
    return this.#leaving.signal
  }

  ready(): void {
    if (this.#saidReady) return
    this.#saidReady = true
    post(process, 'ready')
  }

  onDrain(run: DrainHook): () => void {
    const hook = { run }
    this.#hooks.add(hook)
    return () => {
      this.#hooks.delete(hook)
    }
  }

  #listen(): void {
    // Ctrl-C reaches the whole group of processes: the primary alone decides what follows from it.
    process.on('SIGTERM', ignore)
    process.on('SIGINT', ignore)
    process.on('message', (message: unknown) => {
      if (isMessage(message, 'drain')) this.#drain()
    })
    // Otherwise node:cluster ends the process in the middle of its requests when the primary is gone.
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true
    process.once('disconnect', () => {
      this.#drain()
    })
    // node:cluster's own messages to a primary that has just died.
    process.on('error', ignoreLostChannel)
  }

  #drain(): void {
    if (this.signal.aborted) return
    this.#leaving.abort()
    const { idle, deadline } = this.#assignment.drain
    setTimeout(() => process.exit(1), deadline + grace)
    const answered = this.#traffic.drain(idle)
    // All other servers are closed by node:cluster when the primary asks for it. Without a primary it is for us to ask.
    if (!process.connected) cluster.worker?.disconnect()
    void this.#leave(answered)
  }

  async #leave(answered: Promise<void>): Promise<void> {
    await answered
    const failures: unknown[] = []
    for (const { run } of [...this.#hooks].toReversed()) {
      try {
        await run()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length === 0) process.exit(0)
    // Node reports it as it reports any uncaught error. Should the application have swallowed those, the process ends
    // all the same.
    setImmediate(() => process.exit(1))
    throw new AggregateError(failures, 'Drain hooks failed.')
  }
}

function ignore(): void {}

function ignoreLostChannel(error: NodeJS.ErrnoException): void {
  if (!lostChannel.has(error.code)) throw error
}

const lostChannel: ReadonlySet<string | undefined> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_IPC_CHANNEL_CLOSED',
  'ERR_IPC_DISCONNECTED',
])
