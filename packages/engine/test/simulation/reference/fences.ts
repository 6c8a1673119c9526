import type { Failure, Fence } from '@lockstep/state'
import type { Coverage } from '../coverage.ts'
import { failure, type Memory } from './memory.ts'

/** Refuse an access, or let it through and raise the marks of all its resources. */
export function pass(
  { marks, floor }: Memory,
  coverage: Coverage,
  resources: readonly string[],
  fence: Fence | undefined,
): Failure | undefined {
  if (fence === undefined) return undefined
  if (fence.token < floor) {
    coverage.count('fences below the floor refused')
    return failure.stale
  }
  const seen = resources.map((resource) => {
    const mark = marks.find((each) => each.resource === resource && each.lock === fence.name)
    if (mark !== undefined) return mark
    const fresh = { resource, lock: fence.name, token: 0 }
    marks.push(fresh)
    return fresh
  })
  if (seen.some(({ token }) => token > fence.token)) {
    coverage.count('stale fences refused')
    return failure.stale
  }
  coverage.count('fences passed')
  for (const mark of seen) mark.token = fence.token
  return undefined
}
