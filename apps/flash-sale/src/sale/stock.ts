import type { ClusterState } from '@lockstep/fastify'

/** Milliseconds after which a store forgets a sale of the demo. */
export const keep = 3_600_000

/** Milliseconds to wait for the store: a shopper waits two seconds, and would rather be told that it is away. */
export const timeout = 1_000

export function stockName(sale: string): string {
  return `stock:${sale}`
}

/** The operation id makes it safe to ask again, and for other shops to ask as well: the shelf is filled once. Rejects when it was filled with another `size`. */
export async function openSale({ counters }: ClusterState, sale: string, size: number): Promise<void> {
  await counters.add(stockName(sale), size, { ttl: keep, operationId: `open:${sale}`, timeout })
}
