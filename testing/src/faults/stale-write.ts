import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import { examples } from '../histories/examples.ts'
import { leave, type Member, startMember } from '../members/members.ts'
import type { FaultProxy } from '../proxy.ts'
import type { Findings } from './findings.ts'
import type { Ground } from './ground.ts'

/** Where the holder stands when its lease ends. */
export const moments = ['before it writes', 'before it asks its lease', 'after it has asked its lease'] as const
export type Moment = (typeof moments)[number]

/** Of the first holder's lease, in milliseconds. */
const ttl = 400

/** A holder is stopped at this moment, in each round for longer than its lease; what it writes then comes too late. */
export async function staleWrites(
  { direct }: Pick<Ground, 'direct'>,
  { moment, times }: { readonly moment: Moment; readonly times: number },
): Promise<Findings> {
  await using holder = await startMember(direct)
  await using newer = await startMember(direct)
  const outcomes: Outcome[] = []
  for (let round = 1; round <= times; round += 1) {
    outcomes.push(await stopAndWrite({ holder, newer, name: `${moment} ${round}` }, moment))
  }
  const answer = moment === 'before it asks its lease' ? 'not held' : stale
  return await findings(outcomes, answer, [holder, newer])
}

/** A holder writes in time, and the write arrives when the lease has ended. */
export async function lateWrites(
  ground: Pick<Ground, 'direct' | 'way'>,
  { times }: { readonly times: number },
): Promise<Findings> {
  await using way = await ground.way()
  await using holder = await startMember(way.choice)
  await using newer = await startMember(ground.direct)
  const outcomes: Outcome[] = []
  for (let round = 1; round <= times; round += 1) {
    outcomes.push(await writeLate({ holder, newer, name: `late ${round}` }, way.proxy))
  }
  return await findings(outcomes, stale, [holder, newer])
}

/** What a stale write is answered. */
const stale = 'LOCKSTEP_STALE_TOKEN'

async function findings(outcomes: readonly Outcome[], expected: string, members: readonly Member[]): Promise<Findings> {
  const violations = [
    ...examples('a stale write was applied', outcomes, ({ value }) => value !== 'newer'),
    ...examples('the stale holder was not told', outcomes, ({ answer }) => answer !== expected),
  ]
  const left = await leave(...members)
  return { operations: outcomes.length, faults: outcomes.length, indeterminate: 0, violations, left }
}

interface Roles {
  readonly holder: Member
  readonly newer: Member
  /** Of lock and entry; nobody else may use it. */
  readonly name: string
}

/** What came of a stale write. */
interface Outcome {
  /** What the call of the holder returned, or the code with which it failed. */
  readonly answer: unknown
  /** What is in the entry at the end: 'newer' unless the stale write was applied. */
  readonly value: unknown
}

/** A holder has read and is stopped (SIGSTOP) for one and a half times its ttl; meanwhile another one reads and writes; then the first one goes on to write. */
async function stopAndWrite({ holder, newer, name }: Roles, moment: Moment): Promise<Outcome> {
  const token = await holder.ask('acquire', name, { ttl })
  await holder.ask('call', read(name, token))
  if (moment === 'after it has asked its lease') await holder.ask('standing', token)
  await holder.stop()
  // The pause itself.
  const paused = sleep(1.5 * ttl)
  await takeOver(newer, name)
  await paused
  const write = setTo('stale', name, token)
  // It is in the holder's channel before it goes on: no timer of its own comes first.
  const answer =
    moment === 'before it asks its lease' ? holder.ask('callIfHeld', token, write) : holder.ask('call', write)
  holder.resume()
  return { answer: codeOf(await answer), value: await valueOf(newer, name) }
}

/** The holder is connected by `proxy`, on which its write takes so long that it arrives when the lease has ended. */
async function writeLate({ holder, newer, name }: Roles, proxy: FaultProxy): Promise<Outcome> {
  // It is not extended: over a connection of their own, extensions would not be late.
  const token = await holder.ask('acquire', name, { ttl, autoExtend: false })
  await holder.ask('call', read(name, token))
  proxy.latency(1.5 * ttl)
  const answer = holder.ask('callIfHeld', token, setTo('stale', name, token))
  // Until the write is on its way, which nothing tells; what comes after it cannot overtake it.
  await sleep(50)
  proxy.latency(0)
  await takeOver(newer, name)
  return { answer: codeOf(await answer), value: await valueOf(newer, name) }
}

function codeOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'failed' in answer ? answer.failed : answer
}

async function takeOver(newer: Member, name: string): Promise<void> {
  const token = await newer.ask('acquire', name, { ttl: 20_000 })
  await newer.ask('call', read(name, token))
  await newer.ask('call', setTo('newer', name, token))
}

async function valueOf(member: Member, name: string): Promise<unknown> {
  const entry = await member.ask('call', { do: 'entries.get', name })
  return (entry as { value: string } | null)?.value
}

function read(name: string, token: number): StateCall {
  return { do: 'entries.get', name, fence: { name, token } }
}

function setTo(value: string, name: string, token: number): StateCall {
  return { do: 'entries.set', name, value, fence: { name, token } }
}
