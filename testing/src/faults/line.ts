import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import { violationsOfOrder, violationsOfSum } from '../histories/counting.ts'
import { isUnknown } from '../histories/operation.ts'
import { readHistory } from '../histories/read.ts'
import { leave, startMembers } from '../members/members.ts'
import type { FaultProxy } from '../proxy.ts'
import { temporaryFolder } from '../tmp.ts'
import type { Findings } from './findings.ts'
import type { Ground, Harm } from './ground.ts'

export interface Line {
  /** Of a stock that two thirds of them take from, and a third only reads. */
  readonly calls: number
  readonly harms: readonly Harm[]
}

const processes = 4
/** In each process. */
const clients = 4
const name = 'line'
/** Milliseconds of each call, and between two calls of a client: short and long enough that every harm finds some of them under way. */
const timeout = 200
const pause = 20

/** Sixteen clients take from one stock and read it, while faults come one after the other; their calls have to fit into one line. */
export async function line(ground: Ground, { calls, harms }: Line): Promise<Findings> {
  await using folder = await temporaryFolder()
  await using way = await ground.way()
  await using members = await startMembers(processes, way.choice)
  // Never sold out, for then a client would end.
  await members[0]?.ask('call', { do: 'counters.set', name, value: calls })
  const take: StateCall = { do: 'counters.take', name, n: 1 }
  const turn: StateCall[] = [take, { do: 'counters.get', name }, take]
  const times = Math.ceil(calls / turn.length / clients / processes)
  const load = { clients: Array.from({ length: clients }, () => turn), times, timeout, pause }
  const done = Promise.all(
    members.map(async (member, index) => {
      await member.ask('begin', { file: join(folder.path, `${index}`), client: `${index}`, ...load })
      await member.ask('done')
    }),
  )
  const faults = await harmUntil(done, way.proxy, harms)
  const total = calls - Number(await members[0]?.ask('call', { do: 'counters.get', name }))
  const left = await leave(...members)
  const operations = await readHistory(folder.path)
  const counted = { operations, stock: calls }
  const violations = [...violationsOfSum(counted, { total }), ...violationsOfOrder(counted)]
  const indeterminate = operations.filter(isUnknown).length
  return { operations: operations.length, faults, indeterminate, violations, left }
}

/** Do harm until the work is done; resolves with how often. */
export async function harmUntil(done: Promise<unknown>, proxy: FaultProxy, harms: readonly Harm[]): Promise<number> {
  const end = new AbortController()
  const ended = done.finally(() => end.abort())
  let faults = 0
  while (!end.signal.aborted && harms.length > 0) {
    await harms[faults % harms.length]?.(proxy)
    faults += 1
    // The time between two faults.
    await sleep(150, undefined, { signal: end.signal }).catch(() => {})
  }
  await ended
  return faults
}
