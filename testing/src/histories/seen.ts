const enough = 32

/**
 * The configurations that the search has been in. Unknown operations need never be placed, so whoever has placed fewer of them, in the same state and with the same
 * calls still open, can do all that the other can: one configuration like it, or better, is enough.
 */
export class Seen {
  readonly #used = new Map<string, (readonly number[])[]>()

  /** Whether this is news. `used`: how many unknown operations of each kind have been placed. */
  add(key: string, used: readonly number[]): boolean {
    const known = this.#used.get(key)
    if (known === undefined) {
      this.#used.set(key, [used])
      return true
    }
    if (known.some((other) => isWithin(other, used))) return false
    // Beyond this many, comparing takes longer than looking again.
    if (known.length < enough) this.#used.set(key, [...known.filter((other) => !isWithin(used, other)), used])
    return true
  }
}

function isWithin(few: readonly number[], many: readonly number[]): boolean {
  return few === many || few.every((count, kind) => count <= (many[kind] ?? 0))
}
