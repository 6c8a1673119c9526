import { setTimeout as sleep } from 'node:timers/promises'
import { examples } from '../histories/examples.ts'
import { type Timed, violationsOfSpeed } from '../histories/judges.ts'
import { leave, type Member, startMember } from '../members/members.ts'
import type { FaultProxy } from '../proxy.ts'
import { until } from '../until.ts'
import type { Findings } from './findings.ts'
import type { Ground, Harm } from './ground.ts'

/** Long enough that a lock that nobody holds is seen. Milliseconds, as all times here. */
const ttl = 20_000
/** From the moment that the connection is back. */
const soon = 500

/** The reply to each acquire is lost, with its connection. `lasting`: of the leases. */
export async function lostReplies(ground: Ground, times: number, lasting = ttl): Promise<Findings> {
  await using way = await ground.way()
  await using caller = await startMember(way.choice)
  const timed: Timed[] = []
  const granted: { readonly name: string; readonly token: number; readonly found: unknown }[] = []
  for (let round = 1; round <= times; round += 1) {
    const name = `lost reply ${round}`
    await connected(caller)
    way.proxy.loseNextReply()
    const asked = performance.now()
    const token = await caller.ask('acquire', name, { ttl: lasting })
    timed.push({ what: name, took: performance.now() - asked })
    const { held, token: found } = await inspect(caller, name)
    granted.push({ name, token, found: held ? found : 'nobody' })
  }
  const violations = [
    ...violationsOfSpeed(timed, soon),
    ...examples('the grant is not the caller’s', granted, ({ token, found }) => token !== found),
  ]
  return { operations: times, faults: times, indeterminate: 0, violations, left: await leave(caller) }
}

/** Each acquire goes into a black hole, which is healed soon after. */
export async function lostRequests(ground: Ground, times: number): Promise<Findings> {
  await using way = await ground.way()
  await using caller = await startMember(way.choice)
  const timed: Timed[] = []
  for (let round = 1; round <= times; round += 1) {
    const name = `lost request ${round}`
    await connected(caller)
    way.proxy.halfOpen()
    const asked = caller.ask('acquire', name, { ttl })
    // Until the request has gone into the hole; nothing tells.
    await sleep(50)
    way.proxy.heal()
    const back = performance.now()
    await asked
    timed.push({ what: name, took: performance.now() - back })
  }
  const violations = violationsOfSpeed(timed, soon)
  return { operations: times, faults: times, indeterminate: 0, violations, left: await leave(caller) }
}

export interface GivenUp {
  /** `'reply was'` */
  readonly what: string
  readonly strike: Harm
  /** Others who wait while the connection is away: 1 if the grant that nobody heard of stands until then, else 0. */
  readonly waiters: number
  readonly times: number
}

/** A caller gives up before its connection is back, and another one wants the lock. */
export async function givenUp(ground: Ground, { what, strike, waiters, times }: GivenUp): Promise<Findings> {
  await using way = await ground.way()
  await using caller = await startMember(way.choice)
  await using other = await startMember(ground.direct)
  const timed: Timed[] = []
  const told: { readonly name: string; readonly code: unknown }[] = []
  for (let round = 1; round <= times; round += 1) {
    const name = `given up, ${what} lost, ${round}`
    await connected(caller)
    await strike(way.proxy)
    told.push({ name, code: await codeOf(caller.ask('acquire', name, { ttl, wait: 0, timeout: 150 })) })
    const next = other.ask('acquire', name, { ttl, wait: ttl })
    // It is held in either case: by nobody, and then the other one waits, or by the other one.
    await until(`${name} to be held, with ${waiters} waiters`, async () => {
      const standing = await inspect(other, name)
      return standing.held && (standing.waiters ?? waiters) === waiters
    })
    way.proxy.heal()
    const back = performance.now()
    await next
    timed.push({ what: name, took: performance.now() - back })
  }
  const violations = [
    ...violationsOfSpeed(timed, soon),
    ...examples('the caller was told something else', told, ({ code }) => code !== 'LOCKSTEP_UNAVAILABLE'),
  ]
  return { operations: times, faults: times, indeterminate: 0, violations, left: await leave(caller, other) }
}

/** The store carries the next request out, and cannot be reached from then on. */
export function carryOutAndRefuse(proxy: FaultProxy): void {
  proxy.loseNextReply()
  proxy.refuse()
}

async function codeOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => 'granted',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : String(error)),
  )
}

/** Over the new connection, if the fault of the last round has broken the old one. On it an acquire is a single request from then on: what a store prepares is prepared. */
async function connected(member: Member): Promise<void> {
  await member.ask('call', { do: 'locks.tryAcquire', name: 'anything', lease: 'anything', ttl })
  await member.ask('call', { do: 'locks.release', lease: 'anything' })
}

interface Standing {
  readonly held: boolean
  readonly token: number
  readonly waiters?: number
}

async function inspect(member: Member, name: string): Promise<Standing> {
  return (await member.ask('call', { do: 'locks.inspect', name })) as Standing
}
