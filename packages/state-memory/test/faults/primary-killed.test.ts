import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { examples } from '@lockstep/testing/histories/examples'
import { isAcknowledged, isUnknown } from '@lockstep/testing/histories/operation'
import { readHistory } from '@lockstep/testing/histories/read'
import { type Left, leave, leftOf, type Member, startMember } from '@lockstep/testing/members/members'
import { now } from '@lockstep/testing/now'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import { until } from '@lockstep/testing/until'
import { onMemory, startPrimary } from '../primary.ts'

const times = rounds(20)
/** Milliseconds, as all times here; of the leases, far more than it takes to lose them. */
const ttl = 60_000
/** From the death of the primary. */
const soon = 500

test(
  'when the primary is killed its leases are lost at once, and tokens of the next one grow',
  patience,
  async ({ task }) => {
    const seen: Round[] = []
    const left: Left[] = []
    for (let round = 1; round <= times; round += 1) {
      await using primary = await startPrimary()
      await using holder = await startMember(primary.direct)
      const name = `round ${round}`
      const old = await holder.ask('acquire', name, { ttl })
      await holder.ask('call', write(name, old))
      await primary.kill()
      const lost = await lostAfter(holder, old)

      await using next = await startPrimary()
      await using newer = await startMember(next.direct)
      // Before the newer holder's first access too: a fence of another epoch is no good here.
      const early = await newer.ask('call', write(name, old))
      const token = await newer.ask('acquire', name, { ttl })
      const written = await newer.ask('call', write(name, token))
      const late = await newer.ask('call', write(name, old))
      seen.push({ round, old, token, lost, early, written, late })
      left.push(await leave(holder, newer))
    }
    const stale = JSON.stringify({ failed: 'LOCKSTEP_STALE_TOKEN' })
    const violations = [
      ...examples('the token did not grow', seen, ({ old, token }) => token <= old),
      ...examples(`the holder was not told within ${soon} ms`, seen, ({ lost }) => !(lost < soon)),
      ...examples('a stale write was not refused', seen, (one) => JSON.stringify(one.early) !== stale),
      ...examples('a stale write was not refused', seen, (one) => JSON.stringify(one.late) !== stale),
      ...examples('the newer holder could not write', seen, ({ written }) => !isApplied(written)),
    ]
    const found = { operations: times, faults: times, indeterminate: 0, violations, left: leftOf(left) }
    const subject = { on: onMemory, row: 'L7', what: 'primary killed mid-hold' } as const
    expect(reported(task, subject, found)).toEqual([])
  },
)

test(
  'what was sent to a primary that is killed is unknown, what was not is unavailable, and all is settled in time',
  patience,
  async ({ task }) => {
    await using folder = await temporaryFolder()
    const timeout = 1_000
    const left: Left[] = []
    const killedAt: number[] = []
    for (let round = 0; round < times; round += 1) {
      await using primary = await startPrimary()
      await using caller = await startMember(primary.direct)
      const calls: StateCall[] = [{ do: 'counters.add', name: 'sum', delta: 1 }]
      const load = { client: `${round}`, clients: Array.from({ length: 8 }, () => calls), timeout }
      await caller.ask('begin', { file: join(folder.path, `${round}`), ...load })
      // Some work before the fault, which then falls between a request and its answer.
      await sleep(100)
      await primary.pause()
      // Every client has a call under way then.
      await sleep(20)
      await primary.kill()
      killedAt.push(now())
      // Some calls that find nobody.
      await sleep(50)
      await caller.ask('stop')
      left.push(await leave(caller))
    }
    const operations = await readHistory(folder.path)
    const failed = operations.filter((operation) => !isAcknowledged(operation))
    const after = operations.filter(({ client, from }) => from > (killedAt[Number.parseInt(client, 10)] ?? Infinity))
    const unknown = operations.filter(isUnknown)
    const violations = [
      ...examples('answered by nobody', after, isAcknowledged),
      ...examples('called unknown though nobody was there to be sent anything', after, isUnknown),
      ...examples('told something else', failed, (one) => !isUnknown(one) && one.failed !== 'LOCKSTEP_UNAVAILABLE'),
      ...examples('settled late', operations, ({ from, to = Infinity }) => to - from > timeout + 1_000),
      ...(unknown.length >= times ? [] : [`only ${unknown.length} calls were under way in ${times} deaths`]),
    ]
    const found = {
      operations: operations.length,
      faults: times,
      indeterminate: unknown.length,
      violations,
      left: leftOf(left),
    }
    const subject = { on: onMemory, row: 'L7', what: 'calls under way when the primary is killed' } as const
    expect(reported(task, subject, found)).toEqual([])
  },
)

interface Round {
  readonly round: number
  readonly old: number
  readonly token: number
  /** Milliseconds from the death until the holder knew. */
  readonly lost: number
  readonly early: unknown
  readonly written: unknown
  readonly late: unknown
}

/** Milliseconds from now until the holder says that its lease is lost. */
async function lostAfter(holder: Member, token: number): Promise<number> {
  const start = performance.now()
  await until('the lease to be lost', async () => (await holder.ask('standing', token)).lost === 'LOCKSTEP_LEASE_LOST')
  return performance.now() - start
}

function write(name: string, token: number): StateCall {
  return { do: 'entries.set', name, value: `${token}`, fence: { name, token } }
}

function isApplied(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'applied' in answer && answer.applied === true
}
