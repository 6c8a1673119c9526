import nodeCluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import type { Cluster } from '@lockstep/cluster-core'
import type { Board, SaleView } from './board.ts'
import { isFromWorker, type ToWorker } from './messages.ts'
import type { Options } from './options.ts'
import type { Stage } from './stage.ts'
import { nothing, type Route, routesOn, verdict } from './tally.ts'

/** Milliseconds between two boards: what looks live. */
const interval = 200

const notYet: SaleView = { tally: nothing, left: null, verdict: null }

/** What is behind the page: starts a rush and kills a worker when another worker says that the button was pressed, and keeps every worker's board up to date. */
export class LiveShow {
  readonly #options: Options
  readonly #stage: Stage
  readonly #cluster: Cluster
  #running: Route | null = null
  readonly #sales: Partial<Record<Route, SaleView>> = {}

  constructor(options: Options, stage: Stage, cluster: Cluster) {
    this.#options = options
    this.#stage = stage
    this.#cluster = cluster
    for (const route of routesOn(options.adapter)) this.#sales[route] = notYet
  }

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const hear = (_worker: Worker, message: unknown): void => {
      if (!isFromWorker(message)) return
      if (message.flashSale === 'rush') void this.#rush(message.route)
      else if (message.flashSale === 'kill') this.#stage.kill(message.slot)
    }
    nodeCluster.on('message', hear)
    const timer = setInterval(() => this.#publish(), interval)
    await once(signal, 'abort')
    clearInterval(timer)
    nodeCluster.off('message', hear)
  }

  async #rush(route: Route): Promise<void> {
    if (this.#running) return
    this.#running = route
    this.#sales[route] = notYet
    try {
      const outcome = await this.#stage.rush(route, (tally) => this.#show(route, { tally }))
      this.#show(route, { tally: outcome, left: outcome.left, verdict: verdict(this.#options, outcome) })
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.#show(route, { verdict: { good: false, text } })
    } finally {
      this.#running = null
    }
  }

  #show(route: Route, news: Partial<SaleView>): void {
    this.#sales[route] = { ...(this.#sales[route] ?? notYet), ...news }
  }

  #publish(): void {
    const message: ToWorker = { flashSale: 'board', board: this.#board() }
    for (const worker of Object.values(nodeCluster.workers ?? {})) {
      // A worker that is going away misses nothing that matters.
      if (worker?.isConnected()) worker.send(message, () => {})
    }
  }

  #board(): Board {
    const { adapter, stock, sale = null } = this.#options
    return {
      adapter,
      stock,
      sale,
      kills: this.#stage.kills,
      workers: this.#cluster.status().workers.map(({ slot, pid, state, restarts }) => ({
        slot,
        pid: pid ?? null,
        state,
        restarts,
      })),
      running: this.#running,
      sales: this.#sales,
    }
  }
}
