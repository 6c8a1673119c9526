export interface Backoff {
  /** The ceiling of the first delay, in milliseconds. */
  readonly initial: number
  /** The ceiling that no delay exceeds, in milliseconds. */
  readonly max: number
  /** By how much the ceiling grows with each failure. */
  readonly factor: number
}

/**
 * Milliseconds to wait after so many failures in a row (1 or more): exponential backoff with full jitter, so that
 * workers which fell together do not rise together. `random` is from 0 to 1.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffDelay(failures: number, { initial, max, factor }: Backoff, random: number): number {
  return Math.round(random * Math.min(max, initial * factor ** (failures - 1)))
}
