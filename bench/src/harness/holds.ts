import type { Hold } from './contest.ts'

/** All holds of one lock, of whichever process, in the order of their begin. */
export function inOrder(holds: readonly Hold[]): readonly Hold[] {
  return holds.toSorted((a, b) => a.begin - b.begin)
}

/** From the end of a hold to the begin of the next, in microseconds. */
export function handOffs(ordered: readonly Hold[]): number[] {
  return pairs(ordered).map(([before, after]) => after.begin - before.end)
}

/** How often two held the lock at once, and how often a later holder's token was not the greater. */
export function violations(ordered: readonly Hold[]): number {
  return pairs(ordered).filter(
    ([before, after]) => after.begin < before.end || (after.token ?? 1) <= (before.token ?? 0),
  ).length
}

/** How often each contender held the lock; 0 for those who never did. */
export function shares(holds: readonly Hold[], contenders: number): number[] {
  const counts = Array.from({ length: contenders }, () => 0)
  for (const { contender } of holds) counts[contender] = (counts[contender] ?? 0) + 1
  return counts
}

function pairs(ordered: readonly Hold[]): [before: Hold, after: Hold][] {
  return ordered.slice(1).map((after, index) => [ordered[index] as Hold, after])
}
