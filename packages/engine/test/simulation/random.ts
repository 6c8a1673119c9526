/**
 * Whole numbers from a seed, the same on every machine: a Weyl sequence through the finalizer of MurmurHash3.
 *
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** Go on as a generator of this seed would. */
  reseed(seed: number): void {
    this.#state = seed | 0
  }

  /** A whole number of 32 bits, signed. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let bits = this.#state
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
    return bits ^ (bits >>> 16)
  }

  /** 0 to `count - 1`. */
  below(count: number): number {
    return (this.next() >>> 0) % count
  }

  /** `true` once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  of<const Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0]
  }
}

/** The schedule of a seed: one number decides the world, each of the others one step of it, whatever the steps before it were. */
export function choicesOf(seed: number, steps: number): number[] {
  const random = new Random(Math.imul(seed, 0x2545f491))
  const choices: number[] = []
  for (let step = 0; step <= steps; step++) choices.push(random.next())
  return choices
}
