const WORTH_MOVING = 4096

/** A queue that does not move its items when the first is taken, as `Array.shift` may. */
export class Fifo<T> {
  #items: (T | undefined)[]
  #head = 0

  constructor(items: T[] = []) {
    this.#items = items
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  peek(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head++] = undefined
    const taken = this.#head
    if (taken === this.#items.length || (taken >= WORTH_MOVING && taken * 2 >= this.#items.length)) {
      this.#items = this.#items.slice(taken)
      this.#head = 0
    }
    return item
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = this.#head; index < this.#items.length; index++) {
      const item = this.#items[index]
      if (item !== undefined) yield item
    }
  }
}
