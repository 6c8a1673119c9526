import { type OwnMysqlServer, startOwnMysql, type Unavailable } from '@lockstep/testing/servers/mysql'
import { merge, type Results } from '../../harness/report.ts'
import type { Pace } from '../../harness/rounds.ts'
import { mysqlAddress } from '../../participants/mysql2.ts'

export interface MysqlSetting {
  readonly pace: Pace
  readonly mysql: OwnMysqlServer | Unavailable
}

/** Callers of a process, where a scenario has no others. */
export const inFlight = 32

/** Always one of our own, for its durability is changed. Everything fits into its memory, and no log runs full while somebody is measured. */
export function startServer(): Promise<OwnMysqlServer | Unavailable> {
  return startOwnMysql(['--innodb-buffer-pool-size=256M', '--innodb-log-file-size=256M'])
}

/** Where the participants find the server: over TCP, as one on another machine is reached. */
export function mysqlEnv({ uri }: OwnMysqlServer): Record<string, string> {
  return { [mysqlAddress]: uri }
}

/** How often the log is flushed: https://mariadb.com/kb/en/innodb-system-variables/#innodb_flush_log_at_trx_commit */
const durabilities = { 1: 'flushed at each commit', 2: 'flushed each second' }

/** Measures at each durability; `measure` is given what it is, for titles. The server is left as it was by default. */
export async function atEachDurability(
  server: OwnMysqlServer,
  measure: (durability: string) => Promise<Results>,
): Promise<Results> {
  const results: Results[] = []
  try {
    for (const [value, durability] of Object.entries(durabilities)) {
      await setDurability(server, value)
      results.push(await measure(durability))
    }
  } finally {
    await setDurability(server, '1')
  }
  return merge(results)
}

/** How many statements clients send while `work` runs, without what prepares them, and what it has resolved with. */
export async function statementsSent<Result>(
  server: OwnMysqlServer,
  work: () => Promise<Result>,
): Promise<{ readonly sent: number; readonly result: Result }> {
  const before = await questions(server)
  const result = await work()
  // Without those of the second look itself.
  return { sent: (await questions(server)) - before - 1, result }
}

async function questions(server: OwnMysqlServer): Promise<number> {
  const [row] = await server.command("SHOW GLOBAL STATUS LIKE 'Questions'")
  return Number(row?.['Value'])
}

async function setDurability(server: OwnMysqlServer, value: string): Promise<void> {
  await server.command(`SET GLOBAL innodb_flush_log_at_trx_commit = ${value}`)
}
