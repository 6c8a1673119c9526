import type { Waiter } from './waiter.ts'

/** Callers in the order of their arrival. Every step takes the same time however many they are. */
export class Line {
  #first: Waiter | undefined
  #last: Waiter | undefined

  get first(): Waiter | undefined {
    return this.#first
  }

  add(waiter: Waiter): void {
    waiter.ahead = this.#last
    if (this.#last === undefined) this.#first = waiter
    else this.#last.behind = waiter
    this.#last = waiter
  }

  /** `true`: it was in line. */
  remove(waiter: Waiter): boolean {
    const { ahead, behind } = waiter
    if (ahead === undefined && this.#first !== waiter) return false
    if (ahead === undefined) this.#first = behind
    else ahead.behind = behind
    if (behind === undefined) this.#last = ahead
    else behind.ahead = ahead
    waiter.ahead = undefined
    waiter.behind = undefined
    return true
  }

  *[Symbol.iterator](): Iterator<Waiter> {
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.behind) yield waiter
  }
}
