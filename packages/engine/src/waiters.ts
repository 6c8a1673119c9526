export interface Waiter {
  readonly client: string
  readonly owner: string
  /** Of the lease it asks for, in milliseconds. */
  ttl: number
  /** The end of its `wait`, in monotonic milliseconds. */
  until: number
}

/** The queue of one lock, in order of arrival. */
export class Waiters {
  readonly #byOwner: Map<string, Waiter> = new Map()
  /** Nobody's wait ends before. */
  #firstEnd = Infinity

  get size(): number {
    return this.#byOwner.size
  }

  head(): Waiter | undefined {
    return this.#byOwner.values().next().value
  }

  find(client: string, owner: string): Waiter | undefined {
    return this.#byOwner.get(key(client, owner))
  }

  /** Join the queue, or keep one's place with a new `ttl` and `wait`. Returns the place, 1 for the head. */
  enqueue(waiter: Waiter): number {
    this.#firstEnd = Math.min(this.#firstEnd, waiter.until)
    const waiting = this.find(waiter.client, waiter.owner)
    if (waiting === undefined) {
      this.#byOwner.set(key(waiter.client, waiter.owner), waiter)
      return this.size
    }
    waiting.ttl = waiter.ttl
    waiting.until = waiter.until
    return this.#place(waiting)
  }

  /** `true`: it was waiting. */
  remove(client: string, owner: string): boolean {
    return this.#byOwner.delete(key(client, owner))
  }

  /** `true`: it was waiting. */
  removeClient(client: string): boolean {
    const { size } = this
    for (const waiter of this) if (waiter.client === client) this.remove(client, waiter.owner)
    return this.size < size
  }

  /** Remove those whose wait is over. */
  removeOver(now: number): void {
    if (now < this.#firstEnd) return
    this.#firstEnd = Infinity
    for (const { client, owner, until } of this) {
      if (until <= now) this.remove(client, owner)
      else this.#firstEnd = Math.min(this.#firstEnd, until)
    }
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.#byOwner.values()
  }

  #place(sought: Waiter): number {
    let place = 1
    for (const waiter of this) {
      if (waiter === sought) break
      place++
    }
    return place
  }
}

/** Unambiguous, whatever the two ids hold. */
function key(client: string, owner: string): string {
  return `${client.length}:${client}${owner}`
}
