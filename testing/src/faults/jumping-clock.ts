import { setTimeout as sleep } from 'node:timers/promises'
import { leave, startJumpingMember, startMember } from '../members/members.ts'
import type { Findings } from './findings.ts'
import type { Ground } from './ground.ts'

const hour = 3_600_000
/** Back and forth; milliseconds, as all times here. */
export const jumps: readonly number[] = [-hour, hour]
const ttl = 600

/** The wall clock of a holder jumps while it holds, and then its connection is a black hole until its lease has ended. */
export async function jumpingClock(ground: Ground, jump: number): Promise<Findings> {
  await using way = await ground.way()
  await using holder = await startJumpingMember(way.choice)
  await using other = await startMember(ground.direct)
  const name = `jump ${jump}`
  const token = await holder.ask('keep', name, ttl)
  const jumped = (await holder.ask('jump', jump)) - Date.now()
  // Twice the ttl: extensions have to come in time.
  await sleep(2 * ttl)
  const kept = await holder.ask('keeps', name)
  const standing = (await holder.ask('call', { do: 'locks.inspect', name })) as { held: boolean; token: number }
  const added = (await holder.ask('call', { do: 'counters.add', name, delta: 1 })) as { value?: number }

  way.proxy.halfOpen()
  const next = other.ask('acquire', name, { ttl })
  const ending = await holder.ask('ending', name)
  const nextToken = await next
  way.proxy.heal()
  const told = ending.toldInTime && ending.code === 'LOCKSTEP_LEASE_LOST'
  const violations = [
    ...(Math.abs(jumped - jump) < hour / 2 ? [] : [`the clock did not jump: it is ${jumped} ms ahead`]),
    ...(kept && standing.held && standing.token === token ? [] : ['the lease did not outlive the jump']),
    ...(added.value === 1 ? [] : [`a change after the jump was answered ${JSON.stringify(added)}`]),
    ...(told ? [] : [`the holder was not told in time: ${JSON.stringify(ending)}`]),
    ...(nextToken > token ? [] : [`the token did not grow: ${token}, ${nextToken}`]),
  ]
  return { operations: 1, faults: 2, indeterminate: 0, violations, left: await leave(holder, other) }
}
