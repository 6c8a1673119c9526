import type { Time } from './time.ts'

/** Tokens and versions: at least the wall clock, and greater than every one before and those reserved with it. */
export class Tokens {
  #last = 0

  next({ wall }: Time, reserve = 0): number {
    const token = Math.max(this.#last + 1, wall)
    this.#last = token + reserve
    return token
  }
}
