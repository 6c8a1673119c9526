import type { ClusterState } from '@lockstep/fastify'
import { keep, stockName, timeout } from './stock.ts'

/** Several steps under a lock: for when there is more to do than to count. */
export class LockSale {
  readonly #state: ClusterState

  constructor(state: ClusterState) {
    this.#state = state
  }

  /** The number of the unit, or `null`: sold out. */
  async buy(sale: string): Promise<number | null> {
    const { counters, entries, locks } = this.#state
    const stock = stockName(sale)
    // The stock of a sale only falls: who finds it empty need not queue for the lock.
    if ((await counters.get(stock, { timeout })) === 0) return null

    return locks.using(`sale:${sale}`, { ttl: 1_000, wait: 1_500, timeout }, async (lease) => {
      // The fence on the read shuts out the writes of a former holder who was only slow, not dead; the fence on the writes shuts us out, should we be slow.
      const left = await counters.get(stock, { fence: lease, timeout })
      if (left === 0) return null
      // First off the shelf, then promised. Killed in between, we have kept back a unit from everybody; the other way round it would be sold twice.
      await counters.set(stock, left - 1, { fence: lease, timeout })
      await entries.set(`order:${sale}:${left}`, JSON.stringify({ unit: left, token: lease.token }), {
        ttl: keep,
        fence: lease,
        timeout,
      })
      return left
    })
  }
}
