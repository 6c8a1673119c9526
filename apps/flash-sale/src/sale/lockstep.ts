import type { ClusterState } from '@lockstep/fastify'
import { stockName, timeout } from './stock.ts'

/** One step of the store: it takes a unit or says that there is none. This is all that selling a stock needs. */
export class LockstepSale {
  readonly #state: ClusterState

  constructor(state: ClusterState) {
    this.#state = state
  }

  /** The number of the unit, or `null`: sold out. */
  async buy(sale: string): Promise<number | null> {
    const left = await this.#state.counters.take(stockName(sale), 1, { timeout })
    return left === null ? null : left + 1
  }
}
