import type { ClusterState } from '@lockstep/fastify'

/** Milliseconds after which a store forgets a sale of the demo. */
export const keep = 3_600_000

export function stockName(sale: string): string {
  return `stock:${sale}`
}

/** The operation id makes it safe to ask again: the shelf is filled once. */
export async function openSale({ counters }: ClusterState, sale: string, size: number): Promise<void> {
  await counters.add(stockName(sale), size, { ttl: keep, operationId: `open:${sale}` })
}
