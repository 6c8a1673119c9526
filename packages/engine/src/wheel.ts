/** What a wheel can hold. The links belong to the wheel, so that scheduling and cancelling allocate nothing. */
export interface Timed<Item> {
  /** Monotonic milliseconds; `Infinity`: never due. It may be moved later at will, earlier only with `schedule`. */
  deadline: number
  slot: number
  previous: Item | undefined
  next: Item | undefined
}

/** The `slot` of an item that is on no wheel. */
export const unscheduled = -1

/** Milliseconds. */
const tickLength = 16
/** As many as a word has bits. */
const slotsPerLevel = 32
const levels = 7
const reach = slotsPerLevel ** levels

/**
 * Hierarchical timing wheel: seven levels of 32 slots, ticks of 16 ms, lists linked through their items. `schedule` and
 * `cancel` take constant time. An item whose slot comes up before its deadline is placed again: further down, or, where
 * the deadline was moved or lies beyond the 17 years that the wheel spans, further on.
 *
 * The wheel is up to one tick late: who needs to know exactly compares the deadline.
 *
 * @see Varghese and Lauck, Hashed and Hierarchical Timing Wheels, SOSP 1987.
 */
export class Wheel<Item extends Timed<Item>> {
  readonly #heads: (Item | undefined)[] = Array<Item | undefined>(levels * slotsPerLevel).fill(undefined)
  /** One bit for each slot that is not empty, one word for each level. */
  readonly #occupied: Int32Array = new Int32Array(levels)
  /** The first tick that is not over. */
  #tick: number

  constructor(now: number) {
    this.#tick = Math.floor(now / tickLength)
  }

  /** Put the item where its deadline belongs, wherever it was before. */
  schedule(item: Item): void {
    this.cancel(item)
    if (item.deadline !== Infinity) this.#place(item)
  }

  cancel(item: Item): void {
    const { slot, previous, next } = item
    if (slot === unscheduled) return
    if (next !== undefined) next.previous = previous
    if (previous !== undefined) previous.next = next
    else {
      this.#heads[slot] = next
      if (next === undefined) this.#mark(slot, false)
    }
    item.slot = unscheduled
    item.previous = undefined
    item.next = undefined
  }

  /** Hand over what is due, up to a tick late; an item is off the wheel by then and may be scheduled again. */
  advance(now: number, due: (item: Item) => void): void {
    const last = Math.floor(now / tickLength)
    for (let tick = this.#nextTick(); tick <= last; tick = this.#nextTick()) {
      this.#tick = tick
      for (let level = 0, span = 1; level < levels && tick % span === 0; level++, span *= slotsPerLevel) {
        this.#empty(slotAt(level, tick / span), due)
      }
      this.#tick = tick + 1
    }
    this.#tick = Math.max(this.#tick, last + 1)
  }

  /** Monotonic milliseconds when `advance` has something to do, if only to move an item down; `Infinity`: never. */
  nextDeadline(): number {
    return this.#nextTick() * tickLength
  }

  #place(item: Item): void {
    const distance = Math.min(Math.max(dueTick(item) - this.#tick, 0), reach - 1)
    let level = 0
    let span = 1
    while (distance >= span * slotsPerLevel) {
      level++
      span *= slotsPerLevel
    }
    const slot = slotAt(level, Math.floor((this.#tick + distance) / span))
    const head = this.#heads[slot]
    item.slot = slot
    item.next = head
    if (head === undefined) this.#mark(slot, true)
    else head.previous = item
    this.#heads[slot] = item
  }

  #empty(slot: number, due: (item: Item) => void): void {
    for (let item = this.#heads[slot]; item !== undefined; item = this.#heads[slot]) {
      this.cancel(item)
      if (dueTick(item) > this.#tick) this.#place(item)
      else due(item)
    }
  }

  #nextTick(): number {
    let earliest = Infinity
    for (let level = 0, span = 1; level < levels; level++, span *= slotsPerLevel) {
      const occupied = this.#occupied[level] ?? 0
      if (occupied === 0) continue
      // The slots come up in a circle: turn the word so that the next one is its lowest bit.
      const first = Math.ceil(this.#tick / span)
      const turned = (occupied >>> (first & 31)) | (occupied << -(first & 31))
      earliest = Math.min(earliest, (first + trailingZeros(turned)) * span)
    }
    return earliest
  }

  #mark(slot: number, occupied: boolean): void {
    const level = slot >>> 5
    const bit = 1 << (slot & 31)
    const word = this.#occupied[level] ?? 0
    this.#occupied[level] = occupied ? word | bit : word & ~bit
  }
}

function dueTick(item: { readonly deadline: number }): number {
  return Math.ceil(item.deadline / tickLength)
}

/** `position` counts the slots of a level since time 0, maybe beyond 2^31: `&` keeps its low bits all the same. */
function slotAt(level: number, position: number): number {
  return level * slotsPerLevel + (position & 31)
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}
