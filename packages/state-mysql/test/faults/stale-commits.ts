import { setTimeout as sleep } from 'node:timers/promises'
import type { Findings } from '@lockstep/testing/faults/findings'
import { examples } from '@lockstep/testing/histories/examples'
import { leave } from '@lockstep/testing/members/members'
import { TestProcess } from '@lockstep/testing/processes'
import { type PortProxy, startFaultProxy } from '@lockstep/testing/proxy'
import type { OwnMysqlServer } from '@lockstep/testing/servers/mysql'
import { until } from '@lockstep/testing/until'
import type { Guard, handlers } from '../fixtures/committer.ts'

/** Where a holder stands when its lease ends. */
export const moments = ['before its statement', 'before the check', 'between the check and COMMIT'] as const
type Moment = (typeof moments)[number]

export interface StaleCommits {
  readonly guard: Guard
  readonly moment: Moment
  readonly times: number
}

type Committer = TestProcess<typeof handlers>

/** Of the first holder's lease, in milliseconds, as all times here. */
const ttl = 700
/** In each direction: with the lock there is so a time between the check in the database and COMMIT; with a resource COMMIT comes when the lease has ended. */
const latencies: Readonly<Record<Guard, number>> = { 'the lock': 150, 'a resource': 1.6 * ttl, nothing: 0 }

/** A holder in a transaction is stopped at this moment for longer than its lease; meanwhile another one wants the lock, and to write in a transaction of its own. */
export async function staleCommits(server: OwnMysqlServer, { guard, moment, times }: StaleCommits): Promise<Findings> {
  await using proxy = await startFaultProxy({ port: server.port })
  await using holder = await start(`mysql://${server.user}@${proxy.host}:${proxy.port}/${server.database}`)
  await using newer = await start(server.uri)
  const table = `${server.database}.accounts`
  await server.command(
    `CREATE TABLE IF NOT EXISTS ${table} (name VARCHAR(191) PRIMARY KEY, who VARCHAR(64), times INT NOT NULL DEFAULT 0)`,
  )
  const outcomes: Outcome[] = []
  for (let round = 1; round <= times; round += 1) {
    const name = `${guard}, ${moment} ${round}`
    await server.command(`INSERT INTO ${table} (name) VALUES (?)`, [name])
    const answers = await stopAndCommit({ server, proxy, holder, newer, name }, guard, moment)
    const [row] = await server.command(`SELECT who, times FROM ${table} WHERE name = ?`, [name])
    outcomes.push({ ...answers, last: row?.['who'], writes: Number(row?.['times']) })
  }
  const inTime = outcomes.filter(({ answer }) => answer === 'done')
  const violations = [
    ...examples('a stale commit was applied', outcomes, isStale),
    ...examples('the newer holder could not commit', outcomes, ({ next }) => next !== 'done'),
    ...examples('the stale holder was told something else', outcomes, ({ answer }) => !expected.has(answer)),
    // Who had been checked in time kept the lock until its COMMIT.
    ...(moment === 'between the check and COMMIT'
      ? examples('the lock was taken between the check and COMMIT', inTime, ({ taken }) => guard !== 'nothing' && taken)
      : examples('who was stale before the check has committed', inTime, () => true)),
  ]
  return { operations: times, faults: times, indeterminate: 0, violations, left: await leave(holder, newer) }
}

interface Outcome {
  /** What the stopped holder's transaction came to, and that of the newer one. */
  readonly answer: string
  readonly next: string
  /** Whether the newer one had written when the stopped one went on. */
  readonly taken: boolean
  readonly last: unknown
  readonly writes: number
}

const expected = new Set(['done', 'LOCKSTEP_LEASE_LOST', 'LOCKSTEP_STALE_TOKEN'])

function isStale({ answer, last, writes }: Outcome): boolean {
  return last !== 'newer' || writes !== (answer === 'done' ? 2 : 1)
}

interface Roles {
  readonly server: OwnMysqlServer
  readonly proxy: PortProxy
  readonly holder: Committer
  readonly newer: Committer
  readonly name: string
}

async function stopAndCommit(
  { server, proxy, holder, newer, name }: Roles,
  guard: Guard,
  moment: Moment,
): Promise<Pick<Outcome, 'answer' | 'next' | 'taken'>> {
  await holder.ask('acquire', name, guard, ttl)
  const ends = sleep(1.5 * ttl)
  const pause = moment === 'before its statement' ? moment : 'before the check'
  const answer = holder.ask('commit', { name, who: 'holder', guard, pause })
  await holder.message('reached')
  if (moment === 'between the check and COMMIT') {
    proxy.latency(latencies[guard])
    await holder.ask('go')
    if (guard === 'the lock') await until('the check', () => isLocked(server, name), ttl).catch(() => {})
  }
  await holder.stop()
  const next = takeOver(newer, name, guard)
  await ends
  // Of what is sent from here on; nothing overtakes.
  proxy.latency(0)
  const taken = (await Promise.race([next, sleep(0, 'not yet')])) === 'done'
  if (moment !== 'between the check and COMMIT') void holder.ask('go')
  holder.resume()
  const answers = { answer: await answer, next: await next, taken }
  await newer.ask('release', name)
  return answers
}

async function takeOver(newer: Committer, name: string, guard: Guard): Promise<string> {
  await newer.ask('acquire', name, guard, 20_000)
  return newer.ask('commit', { name, who: 'newer', guard })
}

/** Somebody has the row of the lock. */
async function isLocked(server: OwnMysqlServer, name: string): Promise<boolean> {
  try {
    await server.command(`SELECT 1 FROM ${server.database}.lockstep_locks WHERE name = ? FOR UPDATE NOWAIT`, [name])
    return false
  } catch {
    return true
  }
}

async function start(uri: string): Promise<Committer> {
  const committer: Committer = new TestProcess(new URL('../fixtures/committer.ts', import.meta.url), { args: [uri] })
  await committer.message('ready')
  return committer
}
