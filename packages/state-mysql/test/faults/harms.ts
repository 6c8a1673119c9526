import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnMysqlServer } from '@lockstep/testing/servers/mysql'
import { createConnection } from 'mysql2/promise'

/** How long a state of affairs lasts, in milliseconds. */
const lasts = 1_500

/** What an administrator does to a server that others work with, by its name in the report. Each leaves it as it was. */
export function harmsOf(server: OwnMysqlServer): Readonly<Record<string, () => Promise<void>>> {
  const { database } = server
  const killAll = async (what: 'CONNECTION' | 'QUERY'): Promise<void> => {
    const sessions = await server.command('SELECT id FROM information_schema.processlist WHERE user = ?', [worker])
    // One that has ended meanwhile cannot be killed.
    for (const { id } of sessions) await server.command(`KILL ${what} ${Number(id)}`).catch(() => {})
  }
  return {
    'sessions are killed': () => killAll('CONNECTION'),
    'statements are killed': async () => {
      for (let time = 0; time < 10; time += 1) await killAll('QUERY')
    },
    'the server is read-only': async () => {
      await server.command('SET GLOBAL read_only = 1')
      // The state itself.
      await sleep(lasts)
      await server.command('SET GLOBAL read_only = 0')
    },
    'another session has our rows': () =>
      inSession(server, 'BEGIN; SELECT * FROM lockstep_counters FOR UPDATE', 2 * lasts, 'ROLLBACK'),
    'another session has our table': () =>
      inSession(server, 'LOCK TABLES lockstep_counters WRITE', lasts, 'UNLOCK TABLES'),
    'tables are flushed': async () => {
      for (let time = 0; time < 10; time += 1) await server.command('FLUSH TABLES')
    },
    'tables are rebuilt': async () => {
      await server.command(
        `USE ${database}; ALTER TABLE lockstep_counters FORCE; ALTER TABLE lockstep_operations FORCE`,
      )
    },
    'defaults are changed': async () => {
      await server.command("SET GLOBAL sql_mode = 'ANSI_QUOTES,SIMULTANEOUS_ASSIGNMENT', GLOBAL time_zone = '+09:00'")
      // Whoever connects now begins with them.
      await killAll('CONNECTION')
      await sleep(lasts / 3)
      await server.command("SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = 'SYSTEM'")
    },
  }
}

/** The user that members are: not one who may write to a read-only server. */
export const worker = 'worker'

export async function addWorker(server: OwnMysqlServer): Promise<void> {
  await server.command(`CREATE USER ${worker}@'%'; GRANT ALL ON ${server.database}.* TO ${worker}@'%'`)
}

async function inSession(server: OwnMysqlServer, first: string, time: number, last: string): Promise<void> {
  const connection = await createConnection({ uri: server.uri, multipleStatements: true })
  try {
    await connection.query(first)
    // The state itself.
    await sleep(time)
    await connection.query(last)
  } finally {
    connection.destroy()
  }
}
