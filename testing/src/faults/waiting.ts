import { setTimeout as sleep } from 'node:timers/promises'
import type { Member } from '../members/members.ts'
import { until } from '../until.ts'

/** Milliseconds in which a request reaches a store that does not count who waits. */
const moment = 100

/** How many wait for a lock, as `member` sees it; `undefined`: the store does not count them. */
export async function waitersOf(member: Member, name: string): Promise<number | undefined> {
  return ((await member.ask('call', { do: 'locks.inspect', name })) as { waiters?: number }).waiters
}

/** Resolves when so many wait for a lock. */
export async function untilWaiting(member: Member, name: string, count: number): Promise<void> {
  // Where nothing tells, it is taken that they have asked by then.
  if ((await waitersOf(member, name)) === undefined) await sleep(moment)
  else await until(`${count} to wait for ${name}`, async () => (await waitersOf(member, name)) === count)
}
