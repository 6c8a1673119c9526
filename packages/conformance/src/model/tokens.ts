import type { Time } from './time.ts'

/** Tokens and versions: at least the wall clock, and greater than every one before and those reserved with it. */
export class Tokens {
  #last: number

  /** None is lower than `floor`. */
  constructor(floor: number) {
    this.#last = floor - 1
  }

  /** The store is stopped and started: none from now on is lower than the wall clock is now. */
  restart({ wall }: Time): void {
    this.#last = Math.max(this.#last, wall - 1)
  }

  next({ wall }: Time, reserve = 0): number {
    const token = Math.max(this.#last + 1, wall)
    this.#last = token + reserve
    return token
  }
}
