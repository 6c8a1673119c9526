/** Puts items together that share a name, directly or through others. Groups and items stay in the order of their coming. */
export function partition<Item>(items: readonly Item[], namesOf: (item: Item) => readonly string[]): Item[][] {
  const roots = new Roots()
  for (const item of items) roots.join(namesOf(item))
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const root = roots.of(namesOf(item)[0] ?? '')
    const group = groups.get(root)
    if (group === undefined) groups.set(root, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

/** Disjoint sets of names, each known by one of them. */
class Roots {
  readonly #above = new Map<string, string>()

  of(name: string): string {
    let root = name
    for (let next = this.#above.get(root); next !== undefined; next = this.#above.get(root)) root = next
    if (root !== name) this.#above.set(name, root)
    return root
  }

  join(names: readonly string[]): void {
    const [first, ...others] = names
    for (const other of others) {
      if (first !== undefined && this.of(other) !== this.of(first)) this.#above.set(this.of(other), this.of(first))
    }
  }
}
