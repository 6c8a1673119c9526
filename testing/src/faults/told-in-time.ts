import { setTimeout as sleep } from 'node:timers/promises'
import { examples } from '../histories/examples.ts'
import { leave, startMember } from '../members/members.ts'
import type { Ending } from '../members/vigil.ts'
import type { Findings } from './findings.ts'
import type { Ground, Harm } from './ground.ts'

export interface Outage {
  /** `'the connection is a black hole'` */
  readonly what: string
  readonly strike: Harm
  readonly mend: Harm
}

/** Milliseconds; an extension is due at a third of each. */
const ttls = [500, 700, 1_000]

/** How late a timer may be on a busy machine, in milliseconds. Whether the abort came before the ttl was over is told by the order of timers, not by this. */
const noise = 500

/** Holders are cut off for longer than their leases last. */
export async function toldInTime(ground: Ground, outage: Outage, times: number): Promise<Findings> {
  const { what, strike, mend } = outage
  await using way = await ground.way()
  await using holder = await startMember(way.choice)
  await using other = await startMember(ground.direct)
  const endings: Told[] = []
  const tokens: Succession[] = []
  for (let round = 1; round <= times; round += 1) {
    const locks = ttls.map((ttl) => ({ ttl, name: `${what} ${round}: ${ttl}` }))
    const before = await Promise.all(locks.map(({ name, ttl }) => holder.ask('keep', name, ttl)))
    // So that the fault falls into another phase of the extensions in each round.
    await sleep(((round * 0.382) % 1) * 350)
    const heldBefore = await Promise.all(locks.map(({ name }) => holder.ask('keeps', name)))
    await strike(way.proxy)
    for (const [index, lock] of locks.entries()) {
      const ending = await holder.ask('ending', lock.name)
      endings.push({ ...lock, ...ending, heldBefore: heldBefore[index] === true })
    }
    await mend(way.proxy)
    // By whoever asks, the one who has lost it included.
    const next = await Promise.all(
      locks.map(({ name }, index) => (index % 2 === 0 ? holder : other).ask('acquire', name, { ttl: 2_000 })),
    )
    tokens.push(...next.map((token, index) => ({ round, lost: before[index] ?? token, token })))
  }
  const violations = [
    ...violationsOfEndings(endings),
    ...examples('the next token did not grow', tokens, ({ lost, token }) => token <= lost),
  ]
  const left = await leave(holder, other)
  return { operations: endings.length, faults: times, indeterminate: 0, violations, left }
}

/** Holders are cut off for less than their leases last, and go on holding. */
export async function outlived(ground: Ground, { what, strike, mend }: Outage, times: number): Promise<Findings> {
  await using way = await ground.way()
  await using holder = await startMember(way.choice)
  const kept: { readonly name: string; readonly held: boolean }[] = []
  for (let round = 1; round <= times; round += 1) {
    const name = `short: ${what} ${round}`
    await holder.ask('keep', name, 2_000)
    await strike(way.proxy)
    // The outage itself: an extension falls due in it.
    await sleep(700)
    await mend(way.proxy)
    // The rest of the first ttl, and then some: only an extension lets it last so long.
    await sleep(1_500)
    kept.push({ name, held: await holder.ask('keeps', name) })
    await holder.ask('quit', name).catch(() => {})
  }
  const violations = examples('a lease was lost in a short outage', kept, ({ held }) => !held)
  return { operations: times, faults: times, indeterminate: 0, violations, left: await leave(holder) }
}

/** Who has lost a lock, and who has it next, by their tokens. */
interface Succession {
  readonly round: number
  readonly lost: number
  readonly token: number
}

/** How the lease of a holder that was cut off ended for it. */
export interface Told extends Ending {
  readonly name: string
  readonly ttl: number
  /** Whether it was held when the outage began. */
  readonly heldBefore: boolean
}

export function violationsOfEndings(endings: readonly Told[]): string[] {
  return examples('a holder was not told in time', endings, (ending) => !isInTime(ending))
}

function isInTime({ ttl, heldBefore, toldInTime: told, toldAfter, code, settledAfter }: Told): boolean {
  return heldBefore && told && toldAfter < ttl + noise && code === 'LOCKSTEP_LEASE_LOST' && settledAfter < noise
}
