/** The three ways to sell, in the order of the show. */
export const routes = ['naive', 'lockstep', 'lock'] as const

export type Route = (typeof routes)[number]

export function isRoute(name: string): name is Route {
  return routes.some((route) => route === name)
}

/** What the shoppers counted, in requests; every request asks for one unit. */
export interface Tally {
  /** Answered: yours. */
  readonly sold: number
  /** Answered: not yours. */
  readonly refused: number
  /** No answer that says which of the two: the worker was killed, or took too long, or failed. */
  readonly unknown: number
  /** `sold` by the slot of the worker that answered. */
  readonly soldBy: Readonly<Record<string, number>>
}

export interface Outcome extends Tally {
  /** The stock read back from the store at the end; `null` for the naive sale, whose stock is in no store. */
  readonly left: number | null
}

export interface Verdict {
  readonly good: boolean
  readonly text: string
}

export const nothing: Tally = { sold: 0, refused: 0, unknown: 0, soldBy: {} }

export function oversold(stock: number, sold: number): number {
  return Math.max(0, sold - stock)
}

/**
 * What has left the stock, and no more than there was, was sold to somebody: sold ≤ stock − left ≤ sold + unknown. A request without an answer may have
 * been served or not.
 */
export function isExact(stock: number, { sold, unknown, left }: Pick<Outcome, 'sold' | 'unknown' | 'left'>): boolean {
  if (left === null || left < 0) return false
  const taken = stock - left
  return sold <= taken && taken <= sold + unknown
}

export function verdict(stock: number, outcome: Pick<Outcome, 'sold' | 'unknown' | 'left'>): Verdict {
  const excess = oversold(stock, outcome.sold)
  if (excess > 0) return { good: false, text: `oversold by ${excess}` }
  if (isExact(stock, outcome)) return { good: true, text: 'exact' }
  if (outcome.left === null) return { good: true, text: 'not oversold, this time' }
  return { good: false, text: 'the stock does not add up' }
}
