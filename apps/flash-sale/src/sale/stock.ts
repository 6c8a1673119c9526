import type { ClusterState } from '@lockstep/fastify'

/** Milliseconds after which a store forgets a sale of the demo. */
export const keep = 3_600_000

/** Milliseconds to wait for the store: a shopper waits two seconds, and would rather be told that it is away. */
export const timeout = 1_000

/** Where the units of a sale are. */
export interface Stock {
  /** Safe to ask again, and for other shops to ask as well: the shelf is filled once. Rejects when it was filled with another `size`. */
  open(sale: string, size: number): Promise<void>
  left(sale: string): Promise<number>
}

export function stockName(sale: string): string {
  return `stock:${sale}`
}

/** A counter for each sale. */
export class CounterStock implements Stock {
  readonly #state: ClusterState

  constructor(state: ClusterState) {
    this.#state = state
  }

  async open(sale: string, size: number): Promise<void> {
    await this.#state.counters.add(stockName(sale), size, { ttl: keep, operationId: `open:${sale}`, timeout })
  }

  left(sale: string): Promise<number> {
    return this.#state.counters.get(stockName(sale), { timeout })
  }
}
