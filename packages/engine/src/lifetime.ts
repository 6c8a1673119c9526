/** The monotonic time at which a lifetime ends; without one, never. */
export function deadlineAfter(lifetime: number | null | undefined, now: number): number {
  return lifetime === undefined || lifetime === null ? Infinity : now + lifetime
}

/** Milliseconds left; `null`: no end. */
export function timeLeft(deadline: number, now: number): number | null {
  return deadline === Infinity ? null : deadline - now
}
