import { driftMargin } from './lease.ts'

/** How much shorter a lease may be, in milliseconds, when it is handed on to somebody who does not extend it. */
const shortening = 20

/** A checked request for a lock. Times are milliseconds. */
export interface Attempt {
  readonly name: string
  readonly ttl: number
  readonly wait: number
  readonly timeout: number
  readonly autoExtend: boolean
  readonly signal: AbortSignal | undefined
}

/**
 * Whether a lease that ends in `left` milliseconds, though granted to somebody else's request, is what this caller asked for: it can be extended in time, or
 * lasts about as long as one of its own would.
 */
export function suffices(left: number, { ttl, autoExtend }: Attempt): boolean {
  return left >= (ttl * 2) / 3 && (autoExtend || left >= ttl - driftMargin(ttl) - shortening)
}
