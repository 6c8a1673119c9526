import type { World } from './world.ts'

/** One of those that fit, each as likely. */
export function pick<Item>(world: World, items: readonly Item[], fits: (item: Item) => boolean): Item | undefined {
  const { length } = items
  const first = world.random.below(Math.max(1, length))
  for (let offset = 0; offset < length; offset++) {
    const item = items[(first + offset) % length]
    if (item !== undefined && fits(item)) return item
  }
  return undefined
}
