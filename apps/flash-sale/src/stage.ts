import type { Cluster } from '@lockstep/cluster-core'
import { Killer } from './killer.ts'
import type { Options } from './options.ts'
import { planRush, rush } from './rush.ts'
import type { Outcome, Route, Tally } from './tally.ts'

/** Where the rushes are held: a shop, its shoppers and, with `--kill`, somebody who kills its workers. */
export class Stage {
  readonly #options: Options
  readonly #port: number
  readonly #killer: Killer
  readonly #signal: AbortSignal

  /** `signal` ends a rush that is under way. */
  constructor(options: Options, port: number, cluster: Cluster, signal: AbortSignal) {
    this.#options = options
    this.#port = port
    this.#killer = new Killer(cluster)
    this.#signal = signal
  }

  /** In all rushes so far. */
  get kills(): number {
    return this.#killer.kills
  }

  /** SIGKILL to the worker of this slot, unless it is gone already. */
  kill(slot: number): void {
    this.#killer.kill(slot)
  }

  /** `hear` is told the tally several times a second. */
  async rush(route: Route, hear: (tally: Tally) => void): Promise<Outcome> {
    const rushing = rush(planRush(route, this.#port, this.#options), hear, this.#signal)
    return this.#options.kill ? this.#killer.during(rushing) : rushing
  }
}
