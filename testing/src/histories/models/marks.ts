import type { Fence } from '@lockstep/state'

/** The highest token seen, by resource and lock. */
export type Marks = ReadonlyMap<string, number>

/** Whether one of the resources has seen a higher token of this lock. */
export function isStale(marks: Marks, resources: readonly string[], fence: Fence | undefined): boolean {
  return fence !== undefined && resources.some((resource) => (marks.get(key(resource, fence)) ?? 0) > fence.token)
}

/** The marks when each of the resources has seen this fence; the same map if that is nothing new. */
export function raise(marks: Marks, resources: readonly string[], fence: Fence | undefined): Marks {
  if (fence === undefined) return marks
  const lower = resources.filter((resource) => (marks.get(key(resource, fence)) ?? -1) < fence.token)
  if (lower.length === 0) return marks
  return new Map([...marks, ...lower.map((resource): [string, number] => [key(resource, fence), fence.token])])
}

/** The same text for the same marks. */
export function textOf(marks: ReadonlyMap<string, unknown>): string {
  return marks.size === 0 ? '' : JSON.stringify([...marks].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function key(resource: string, fence: Fence): string {
  return JSON.stringify([resource, fence.name])
}
