/** The two clocks that everything in the model is given; it reads neither itself. */
export interface Time {
  /** Milliseconds on a monotonic clock: expiry. */
  readonly now: number
  /** Microseconds since 1970 on the wall clock: tokens and versions. */
  readonly wall: number
}

/** Milliseconds left of what ends at `endsAt`; `null`: no end. */
export function left(endsAt: number, { now }: Time): number | null {
  return endsAt === Infinity ? null : endsAt - now
}

/** The end of a lifetime that starts now; no ttl: no end. */
export function endAfter(ttl: number | undefined, { now }: Time): number {
  return ttl === undefined ? Infinity : now + ttl
}
