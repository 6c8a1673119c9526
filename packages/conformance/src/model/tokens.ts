import type { Time } from './time.ts'

/** Tokens and versions: at least the wall clock, and greater than every one before. */
export class Tokens {
  #last = 0

  next({ wall }: Time): number {
    this.#last = Math.max(this.#last + 1, wall)
    return this.#last
  }
}
