import { violationsOfHolds } from '../histories/judges.ts'
import type { Contest, Hold } from '../members/contend.ts'
import { leave, startMembers } from '../members/members.ts'
import type { Findings } from './findings.ts'
import type { Ground } from './ground.ts'

export interface Contention {
  readonly processes: number
  /** In each process. By default 3. */
  readonly callers?: number
  /** How often the lock is held in all, at least. */
  readonly holders: number
  /** Of lock and entry; nobody else may use it. */
  readonly name: string
  /** Milliseconds of a lease, and of the work under it. */
  readonly ttl?: number
  readonly work?: number
}

/** Processes get one lock again and again; each holder adds one to an entry by reading and then writing it. No harm is done. */
export async function contention(
  { direct }: Pick<Ground, 'direct'>,
  { processes, callers = 3, holders, name, ttl = 5_000, work = 0 }: Contention,
): Promise<Findings> {
  await using members = await startMembers(processes, direct)
  const holds = Math.ceil(holders / processes / callers)
  const contest: Contest = { lock: name, entry: name, holds, callers, ttl, work }
  const all: Hold[] = (await Promise.all(members.map((member) => member.ask('contend', contest)))).flat()
  const expected = holds * callers * processes
  // Every caller was told of its grant, or one of these would be missing.
  const missing = all.length === expected ? [] : [`${all.length} of ${expected} holders were told of their grant`]
  const violations = [...missing, ...violationsOfHolds(all)]
  return { operations: all.length, faults: 0, indeterminate: 0, violations, left: await leave(...members) }
}
