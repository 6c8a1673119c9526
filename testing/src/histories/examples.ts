/** More of the same would only bury the rest. */
const enough = 3

/** In words, the first few of these items that violate something. */
export function examples<Item>(violation: string, items: readonly Item[], violates: (item: Item) => boolean): string[] {
  const found = items.filter(violates)
  return found
    .slice(0, enough)
    .map((item) => `${violation} (${found.length} of ${items.length}): ${JSON.stringify(item)}`)
}
