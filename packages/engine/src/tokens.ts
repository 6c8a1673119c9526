/**
 * Fencing tokens and versions, from one high-water mark for the whole engine: at least the wall clock in microseconds,
 * and greater than any before. So they never repeat for a name, without memory for each name, and go on growing after a
 * restart that lost everything. Below 2^53 until the year 2255.
 */
export class Tokens {
  #last: number

  constructor(last: number) {
    this.#last = last
  }

  /** None from now on is lower than the wall clock is now, though it may be set back. */
  raise(wall: number): void {
    this.#last = Math.max(this.#last, Math.ceil(wall) - 1)
  }

  get last(): number {
    return this.#last
  }

  /** The `reserve` tokens after it are given to nobody else. */
  next(wall: number, reserve = 0): number {
    const token = Math.max(this.#last + 1, Math.ceil(wall))
    this.#last = token + reserve
    return token
  }
}
