import { join } from 'node:path'
import type { StateCall } from '@lockstep/conformance'
import { judge } from '../histories/judge-calls.ts'
import { isUnknown, type Operation } from '../histories/operation.ts'
import { readHistory } from '../histories/read.ts'
import { leave, startMembers } from '../members/members.ts'
import { random } from '../random.ts'
import { temporaryFolder } from '../tmp.ts'
import type { Findings } from './findings.ts'
import type { Ground, Harm } from './ground.ts'
import { harmUntil } from './line.ts'

export interface AnyCalls {
  readonly calls: number
  readonly harms: readonly Harm[]
  /** Of the calls. */
  readonly seed: number
  /** Whether leases outlive these harms; else no locks are taken. */
  readonly locks: boolean
}

const processes = 4
/** In each process. */
const clients = 4
const names = ['a', 'b', 'c', 'd']
/** Milliseconds of each call, and between two calls of a client. */
const timeout = 200
const pause = 20
/** Longer than any history. */
const ttl = 3_600_000

/** Sixteen clients make calls of counters, entries and locks at random, while faults come one after the other; every answer has to fit into one order of events. */
export async function anyCalls(ground: Ground, { calls, harms, seed, locks }: AnyCalls): Promise<Findings> {
  await using folder = await temporaryFolder()
  await using way = await ground.way()
  await using members = await startMembers(processes, way.choice)
  const next = random(seed)
  const each = Math.ceil(calls / clients / processes)
  const plan = (): StateCall[] => Array.from({ length: each }, () => callOf(next, locks))
  const done = Promise.all(
    members.map(async (member, index) => {
      const load = { clients: Array.from({ length: clients }, plan), times: 1, timeout, pause }
      await member.ask('begin', { file: join(folder.path, `${index}`), client: `${index}`, ...load })
      await member.ask('done')
    }),
  )
  const faults = await harmUntil(done, way.proxy, harms)
  const left = await leave(...members)
  const operations = (await readHistory(folder.path)).map(withoutDoubt)
  const indeterminate = operations.filter(isUnknown).length
  return { operations: operations.length, faults, indeterminate, violations: judge(operations), left }
}

/**
 * A release whose first answer was lost is asked again, and by then the lock may have gone on to another: "not ours" says no longer whether this call has released it.
 */
function withoutDoubt(operation: Operation<StateCall>): Operation<StateCall> {
  const { call, answer, ...rest } = operation
  if (call.do !== 'locks.release' || answer !== false) return operation
  return { ...rest, call, failed: 'LOCKSTEP_OUTCOME_UNKNOWN' }
}

function callOf(next: () => number, locks: boolean): StateCall {
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item => items[Math.floor(next() * items.length)] ?? items[0]
  const name = names[Math.floor(next() * names.length)] ?? 'a'
  const number = Math.floor(next() * 5)
  const value = `v${Math.floor(next() * 1_000)}`
  const lease = pick(['first', 'second'])
  const lock = pick<StateCall>([
    { do: 'locks.tryAcquire', name, lease, ttl },
    { do: 'locks.release', lease },
    { do: 'locks.inspect', name },
  ])
  const other = pick<StateCall>([
    { do: 'counters.add', name, delta: 1 },
    { do: 'counters.add', name, delta: number - 2, min: 0, max: 5 },
    { do: 'counters.take', name, n: 1 },
    { do: 'counters.get', name },
    { do: 'counters.set', name, value: number },
    { do: 'counters.compareAndSet', name, expected: number, value: 9 },
    { do: 'entries.get', name },
    { do: 'entries.set', name, value },
    { do: 'entries.set', name, value, ifVersion: 0 },
    { do: 'entries.delete', name },
  ])
  return locks && next() < 0.25 ? lock : other
}
