import type { ClusterState } from '@lockstep/fastify'
import { keep, stockName } from './stock.ts'

/** Several steps under a lock: for when there is more to do than to count. */
export class LockSale {
  readonly #state: ClusterState

  constructor(state: ClusterState) {
    this.#state = state
  }

  async buy(sale: string): Promise<boolean> {
    const { counters, entries, locks } = this.#state
    const stock = stockName(sale)
    // The stock of a sale only falls: who finds it empty need not queue for the lock.
    if ((await counters.get(stock)) === 0) return false

    return locks.using(`sale:${sale}`, { ttl: 1_000, wait: 1_500 }, async (lease) => {
      // The fence on the read shuts out the writes of a former holder who was only slow, not dead; the fence on the writes shuts us out, should we be slow.
      const left = await counters.get(stock, { fence: lease })
      if (left === 0) return false
      // First off the shelf, then promised. Killed in between, we have kept back a unit from everybody; the other way round it would be sold twice.
      await counters.set(stock, left - 1, { fence: lease })
      await entries.set(`order:${sale}:${left}`, JSON.stringify({ unit: left, token: lease.token }), {
        ttl: keep,
        fence: lease,
      })
      return true
    })
  }
}
