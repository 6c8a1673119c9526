import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import type { FaultProxy } from '@lockstep/testing/proxy'
import type { Member } from './members.ts'

/** Where the holder stands when its lease ends. */
export const moments = ['before it writes', 'before it asks its lease', 'after it has asked its lease'] as const
export type Moment = (typeof moments)[number]

/** Of the first holder's lease, in milliseconds. */
const ttl = 400

export interface Roles {
  readonly holder: Member
  readonly newer: Member
  /** Of lock and entry; nobody else may use it. */
  readonly name: string
}

/** What came of a stale write. */
export interface Outcome {
  /** What the call of the holder returned. */
  readonly answer: unknown
  /** What is in the entry at the end: 'newer' unless the stale write was applied. */
  readonly value: unknown
}

/** A holder has read and is stopped (SIGSTOP) for one and a half times its ttl; meanwhile another one reads and writes; then the first one goes on to write. */
export async function stopAndWrite({ holder, newer, name }: Roles, moment: Moment): Promise<Outcome> {
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
  return { answer: await answer, value: await valueOf(newer, name) }
}

/** The holder is connected by `proxy`, on which its write takes so long that it arrives when the lease has ended. */
export async function writeLate({ holder, newer, name }: Roles, proxy: FaultProxy): Promise<Outcome> {
  const token = await holder.ask('acquire', name, { ttl })
  await holder.ask('call', read(name, token))
  proxy.latency(1.5 * ttl)
  const answer = holder.ask('callIfHeld', token, setTo('stale', name, token))
  // Until the write is on its way, which nothing tells; what comes after it cannot overtake it.
  await sleep(50)
  proxy.latency(0)
  await takeOver(newer, name)
  return { answer: await answer, value: await valueOf(newer, name) }
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
