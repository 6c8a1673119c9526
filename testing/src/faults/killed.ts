import { setTimeout as sleep } from 'node:timers/promises'
import { type Timed, violationsOfSpeed } from '../histories/judges.ts'
import { leave, type Member, startMember, startMembers } from '../members/members.ts'
import type { Findings } from './findings.ts'
import type { Ground } from './ground.ts'
import { untilWaiting, waitersOf } from './waiting.ts'

export interface Deaths {
  readonly times: number
  /** Of the leases of holders that are killed; milliseconds, as all times here. */
  readonly ttl: number
  /** From the death, or from the release, until the next has the lock. */
  readonly within: number
  /** Whether processes are served in the order in which they have come, which is the default; else all of them are, in any. */
  readonly inTurn?: boolean
}

/** Four wait for a holder that is killed. */
export async function killedHolders(
  { direct }: Ground,
  { times, ttl, within, inTurn = true }: Deaths,
): Promise<Findings> {
  await using waiters = await startMembers(4, direct)
  const timed: Timed[] = []
  const violations: string[] = []
  for (let round = 1; round <= times; round += 1) {
    const name = `killed holder ${round}`
    await using holder = await startMember(direct)
    await holder.ask('acquire', name, { ttl })
    const { granted, order } = await queue(waiters, name)
    await holder.kill()
    const killed = performance.now()
    await Promise.race(granted)
    timed.push({ what: name, took: performance.now() - killed })
    await Promise.all(granted)
    if (inTurn) violations.push(...violationsOfTurns(name, order))
  }
  violations.push(...violationsOfSpeed(timed, within))
  return { operations: times, faults: times, indeterminate: 0, violations, left: await leave(...waiters) }
}

/** The first of four who wait is killed, and then the lock is released. */
export async function killedWaiters(
  { direct }: Ground,
  { times, within, inTurn = true }: Omit<Deaths, 'ttl'>,
): Promise<Findings> {
  await using waiters = await startMembers(3, direct)
  await using holder = await startMember(direct)
  const timed: Timed[] = []
  const violations: string[] = []
  for (let round = 1; round <= times; round += 1) {
    const name = `killed waiter ${round}`
    await using victim = await startMember(direct)
    const token = await holder.ask('acquire', name, { ttl: 20_000 })
    const unheard = await queue([victim], name)
    unheard.granted[0]?.catch(() => {})
    const { granted, order } = await queue(waiters, name)
    await victim.kill()
    // A moment for the store to see the end of its connection; nothing tells.
    await sleep(50)
    const released = performance.now()
    await holder.ask('release', token)
    await Promise.race(granted)
    timed.push({ what: name, took: performance.now() - released })
    await Promise.all(granted)
    if (inTurn) violations.push(...violationsOfTurns(name, order))
  }
  violations.push(...violationsOfSpeed(timed, within))
  return { operations: times, faults: times, indeterminate: 0, violations, left: await leave(holder, ...waiters) }
}

/** They have the lock in the order in which they have come. */
export function violationsOfTurns(name: string, order: readonly number[]): string[] {
  return order.every((who, index) => who === index) ? [] : [`served out of order at ${name}: ${order.join(', ')}`]
}

interface Queue {
  /** Each has had the lock and released it at once. */
  readonly granted: readonly Promise<void>[]
  /** Who has had it so far, by its place in the queue. */
  readonly order: readonly number[]
}

/** Let all wait, one behind the other. */
async function queue(members: readonly Member[], name: string): Promise<Queue> {
  const granted: Promise<void>[] = []
  const order: number[] = []
  for (const [index, member] of members.entries()) {
    const before = (await waitersOf(member, name)) ?? 0
    const hold = async (): Promise<void> => {
      const token = await member.ask('acquire', name, { ttl: 20_000, wait: 20_000 })
      order.push(index)
      await member.ask('release', token)
    }
    granted.push(hold())
    await untilWaiting(member, name, before + 1)
  }
  return { granted, order }
}
