/** The ways to sell, in the order of the show. */
const routes = ['naive', 'lockstep', 'lock', 'transaction'] as const

export type Route = (typeof routes)[number]

/** A transaction takes a database. */
export function routesOn(adapter: string): readonly Route[] {
  return routes.filter((route) => route !== 'transaction' || adapter === 'mysql')
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

/** What is sold. With a `sale` other shops may sell from the same stock. */
export interface Supply {
  readonly stock: number
  readonly sale?: string
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
 * been served or not. In a shared sale others may have sold the rest: the sum over all shops is to be held against the stock.
 */
export function isExact(
  { stock, sale }: Supply,
  { sold, unknown, left }: Pick<Outcome, 'sold' | 'unknown' | 'left'>,
): boolean {
  if (left === null || left < 0) return false
  const taken = stock - left
  return sold <= taken && (sale !== undefined || taken <= sold + unknown)
}

export function verdict(supply: Supply, outcome: Pick<Outcome, 'sold' | 'unknown' | 'left'>): Verdict {
  const { stock, sale } = supply
  const excess = oversold(stock, outcome.sold)
  if (excess > 0) return { good: false, text: `oversold by ${excess}` }
  if (isExact(supply, outcome)) {
    const text = sale === undefined ? 'exact' : `${outcome.sold} of the ${stock - Number(outcome.left)} sold`
    return { good: true, text }
  }
  if (outcome.left === null) return { good: true, text: 'not oversold, this time' }
  return { good: false, text: 'the stock does not add up' }
}
