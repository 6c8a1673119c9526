import type { Failure, Fence } from '@lockstep/state'

/** The highest token seen, for each resource and lock. Marks are kept for ever. */
export class Fences {
  readonly #marks: { resource: string; lock: string; token: number }[] = []
  readonly #floor: number

  constructor(floor: number) {
    this.#floor = floor
  }

  /** A failure if the token is lower than the mark of any resource; else every mark is raised to it. */
  judge(resources: readonly string[], fence: Fence | undefined): Failure | undefined {
    if (fence === undefined) return undefined
    for (const resource of resources) {
      const highest = Math.max(this.#floor, this.#find(resource, fence.name)?.token ?? 0)
      if (fence.token < highest) {
        return { code: 'LOCKSTEP_STALE_TOKEN', message: `lock ${fence.name}: ${fence.token} is below ${highest}` }
      }
    }
    for (const resource of resources) this.#raise(resource, fence)
    return undefined
  }

  #raise(resource: string, fence: Fence): void {
    const mark = this.#find(resource, fence.name)
    if (mark === undefined) this.#marks.push({ resource, lock: fence.name, token: fence.token })
    else mark.token = fence.token
  }

  #find(resource: string, lock: string): { token: number } | undefined {
    return this.#marks.find((mark) => mark.resource === resource && mark.lock === lock)
  }
}
