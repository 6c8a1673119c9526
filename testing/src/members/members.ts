import { setTimeout as sleep } from 'node:timers/promises'
import type { Handlers } from '../calls.ts'
import { type Exit, TestProcess } from '../processes.ts'
import { type AdapterChoice, envOf } from './adapter.ts'
import type { handlers } from './handlers.ts'
import type { handlers as jumpingHandlers } from './jumping-member.ts'

/** A process with one state of its own; see handlers.ts for what it can be asked. */
export type Member = TestProcess<typeof handlers>
export type Members = Member[] & AsyncDisposable

export function startMember(choice: AdapterChoice): Promise<Member> {
  return start('member', choice)
}

/** As many, for `await using`. */
export async function startMembers(count: number, choice: AdapterChoice): Promise<Members> {
  const starting = Array.from({ length: count }, () => startMember(choice))
  const members = await Promise.all(starting)
  const dispose = async (): Promise<void> => {
    for (const member of members) await member[Symbol.asyncDispose]()
  }
  return Object.assign(members, { [Symbol.asyncDispose]: dispose })
}

/** One whose wall clock can be made to jump. */
export function startJumpingMember(choice: AdapterChoice): Promise<TestProcess<typeof jumpingHandlers>> {
  return start('jumping-member', choice)
}

/** A process that can be asked to close its state. */
interface Leaving extends Pick<TestProcess, 'exited' | 'output'> {
  ask(name: 'close'): Promise<unknown>
}

/** How processes have left. */
export interface Left {
  readonly members: number
  /** What they left behind, in words. */
  readonly violations: readonly string[]
}

/**
 * The members close their states, and then have to end by themselves within a second: no timer, no socket is left, and no rejection went unhandled, for Node would
 * have ended the process with code 1.
 */
export async function leave(...members: readonly Leaving[]): Promise<Left> {
  const complaints = await Promise.all(members.map(complaintOf))
  return { members: members.length, violations: complaints.flat() }
}

/** How the processes of several rounds have left. */
export function leftOf(rounds: readonly Left[]): Left {
  return {
    members: rounds.reduce((sum, { members }) => sum + members, 0),
    violations: rounds.flatMap(({ violations }) => violations),
  }
}

async function complaintOf(member: Leaving): Promise<string[]> {
  try {
    await member.ask('close')
  } catch (error) {
    return [`a process could not close its state: ${String(error)}`]
  }
  const end = await Promise.race([member.exited, sleep(1_000, undefined)])
  return isClean(end) ? [] : [`a process did not end by itself: ${JSON.stringify({ ...end, wrote: member.output })}`]
}

function isClean(end: Exit | undefined): boolean {
  return end?.code === 0 && end.signal === null
}

async function start<H extends Handlers>(script: string, choice: AdapterChoice): Promise<TestProcess<H>> {
  const member = new TestProcess<H>(new URL(`${script}.ts`, import.meta.url), { env: envOf(choice) })
  await member.message('ready')
  return member
}
