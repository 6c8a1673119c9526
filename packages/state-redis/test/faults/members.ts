import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisOptions } from '@lockstep/state-redis'
import type { Handlers } from '@lockstep/testing/calls'
import { TestProcess } from '@lockstep/testing/processes'
import type { FaultProxy } from '@lockstep/testing/proxy'
import { expect } from 'vitest'
import type { handlers } from '../fixtures/handlers.ts'
import type { handlers as jumpingHandlers } from '../fixtures/jumping-member.ts'

/** A process with one state of its own; see fixtures/handlers.ts for what it can be asked. */
export type Member = TestProcess<typeof handlers>
export type Members = Member[] & AsyncDisposable

/** `'naive'`: locks and counters made by hand, see fixtures/naive.ts. */
type Kind = 'redis' | 'naive'

export function startMember(options: RedisOptions, kind: Kind = 'redis'): Promise<Member> {
  return start('member', options, kind)
}

/** As many, for `await using`. */
export async function startMembers(count: number, options: RedisOptions, kind?: Kind): Promise<Members> {
  const members = await Promise.all(Array.from({ length: count }, () => startMember(options, kind)))
  const dispose = async (): Promise<void> => {
    for (const member of members) await member[Symbol.asyncDispose]()
  }
  return Object.assign(members, { [Symbol.asyncDispose]: dispose })
}

/** One whose wall clock can be made to jump. */
export function startJumpingMember(options: RedisOptions): Promise<TestProcess<typeof jumpingHandlers>> {
  return start('jumping-member', options, 'redis')
}

/** For a member whose connection is to be harmed. */
export function through({ host, port }: FaultProxy): RedisOptions {
  return { url: `redis://${host}:${port}` }
}

/**
 * The members close their states, and then have to end by themselves within a second: no timer, no socket is left, and no rejection went unhandled, for Node would
 * have ended the process with code 1.
 */
export async function leave(...members: readonly TestProcess<typeof handlers>[]): Promise<void> {
  await Promise.all(
    members.map(async (member) => {
      await member.ask('close')
      const end = await Promise.race([member.exited, sleep(1_000, { code: 'it is still there after a second' })])
      expect({ ...end, wrote: member.output }).toEqual({ code: 0, signal: null, wrote: expect.any(String) })
    }),
  )
}

async function start<H extends Handlers>(script: string, options: RedisOptions, kind: Kind): Promise<TestProcess<H>> {
  const env = { LOCKSTEP_TEST_ADAPTER: kind, LOCKSTEP_TEST_REDIS: JSON.stringify(options) }
  const member = new TestProcess<H>(new URL(`../fixtures/${script}.ts`, import.meta.url), { env })
  await member.message('ready')
  return member
}
