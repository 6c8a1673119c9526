import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import { violationsOfOrder, violationsOfSum } from '../histories/counting.ts'
import { examples } from '../histories/examples.ts'
import { violationsOfPatience } from '../histories/judges.ts'
import { isAcknowledged, isUnknown } from '../histories/operation.ts'
import { readHistory } from '../histories/read.ts'
import { leave, startMembers } from '../members/members.ts'
import type { FaultProxy } from '../proxy.ts'
import { temporaryFolder } from '../tmp.ts'
import type { Findings } from './findings.ts'
import type { Ground, Harm } from './ground.ts'

export interface Sum {
  readonly processes: number
  /** Of each call, in milliseconds. */
  readonly timeout: number
  /** Whether the timeout is so long that every change has to be acknowledged; else some have to be unknown. */
  readonly patient: boolean
  /** Whether each call has an `operationId`; by default none has. */
  readonly identified?: boolean
  /** One after the other, again and again. */
  readonly harms: readonly Harm[]
  /** How often harm is done, at least each harm once. */
  readonly times: number
}

/** In each process. */
const clients = 3
/** Milliseconds between two faults. */
const between = 300
/** What a busy machine may add to a timeout, in milliseconds. */
const noise = 1_000

/** Processes add to one counter while faults come one after the other. */
export async function sums(
  ground: Ground,
  { processes, timeout, patient, identified = false, harms, times }: Sum,
): Promise<Findings> {
  await using folder = await temporaryFolder()
  await using way = await ground.way()
  await using members = await startMembers(processes, way.choice)
  const name = `timeout ${timeout}${identified ? ', identified' : ''}`
  const calls: StateCall[] = [{ do: 'counters.add', name, delta: 1 }]
  const load = { clients: Array.from({ length: clients }, () => calls), timeout, identified, pause: 1 }
  await Promise.all(
    members.map((member, index) =>
      member.ask('begin', { file: join(folder.path, `${index}`), client: `${index}`, ...load }),
    ),
  )
  const faults = Math.max(harms.length, times)
  for (let round = 0; round < faults; round += 1) {
    // The time between two faults.
    await sleep(between)
    await harms[round % harms.length]?.(way.proxy)
  }
  await Promise.all(members.map((member) => member.ask('stop')))
  const total = Number(await members[0]?.ask('call', { do: 'counters.get', name }))
  const left = await leave(...members)
  const operations = await readHistory(folder.path)
  const unknown = operations.filter(isUnknown).length
  const violations = [
    ...violationsOfSum({ operations }, { total }),
    ...violationsOfOrder({ operations }),
    ...violationsOfPatience(operations, timeout + noise),
    ...(patient ? examples('not acknowledged', operations, (operation) => !isAcknowledged(operation)) : []),
    ...(!patient && unknown === 0 ? ['nothing is unknown: no fault has come between a request and its answer'] : []),
  ]
  return { operations: operations.length, faults, indeterminate: unknown, violations, left }
}

export function brokenConnections(proxy: FaultProxy): void {
  proxy.reset()
}

export function lostReply(proxy: FaultProxy): void {
  proxy.loseNextReply()
}

export async function silence(proxy: FaultProxy): Promise<void> {
  proxy.loseReplies()
  // The silence itself.
  await sleep(250)
  proxy.heal()
}

/** The store stands still for so many milliseconds. */
export function standstill(ground: Ground, time: number): Harm {
  return async () => {
    await ground.pause()
    // The standstill itself.
    await sleep(time)
    ground.resume()
  }
}
