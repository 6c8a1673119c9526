import { type Timed, violationsOfSpeed } from '../histories/judges.ts'
import { leave, startMember } from '../members/members.ts'
import type { Findings } from './findings.ts'
import type { Ground, Harm } from './ground.ts'
import { untilWaiting } from './waiting.ts'

/** Long enough that a waiter who only looks at its clock is seen. Milliseconds, as all times here. */
const ttl = 20_000
/** From the moment that the connection is back. */
const soon = 500

export interface MissedWakes {
  /** `'was broken'` */
  readonly what: string
  readonly strike: Harm
  readonly times: number
}

/** A lock is released while the one who waits for it is cut off. */
export async function missedWakes(ground: Ground, { what, strike, times }: MissedWakes): Promise<Findings> {
  await using way = await ground.way()
  await using holder = await startMember(ground.direct)
  await using waiter = await startMember(way.choice)
  const timed: Timed[] = []
  for (let round = 1; round <= times; round += 1) {
    const name = `${what} ${round}`
    const token = await holder.ask('acquire', name, { ttl })
    const next = waiter.ask('acquire', name, { ttl, wait: ttl })
    await untilWaiting(holder, name, 1)
    await strike(way.proxy)
    await holder.ask('release', token)
    way.proxy.heal()
    const back = performance.now()
    await waiter.ask('release', await next)
    timed.push({ what: name, took: performance.now() - back })
  }
  const violations = violationsOfSpeed(timed, soon)
  return { operations: times, faults: times, indeterminate: 0, violations, left: await leave(holder, waiter) }
}
