import type { ClusterState } from '@lockstep/fastify'
import { stockName } from './stock.ts'

/** One step of the store: it takes a unit or says that there is none. This is all that selling a stock needs. */
export class LockstepSale {
  readonly #state: ClusterState

  constructor(state: ClusterState) {
    this.#state = state
  }

  async buy(sale: string): Promise<boolean> {
    const left = await this.#state.counters.take(stockName(sale))
    return left !== null
  }
}
