import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { freePort } from '../ports.ts'
import { temporaryFolder } from '../tmp.ts'
import { findBinaries } from './mysql/binaries.ts'
import { OwnMysqlServer } from './mysql/own-server.ts'
import type { Unavailable } from './unavailable.ts'

export type { Unavailable } from './unavailable.ts'
export type { OwnMysqlServer } from './mysql/own-server.ts'

/** What there is of any server, whoever has started it. */
export interface MysqlServer extends AsyncDisposable {
  /** `mysql://user:password@host:port/database` */
  readonly uri: string
  readonly version: string
  /** Ends the server if it was started here. */
  stop(): Promise<void>
}

/**
 * A server to work with: the one that `LOCKSTEP_MYSQL_URI` (mysql://…/database) names, else one of our own. Rejects when it does not answer. What does it harm
 * needs `startOwnMysql`.
 */
export async function startMysql(options: readonly string[] = []): Promise<MysqlServer | Unavailable> {
  const given = process.env['LOCKSTEP_MYSQL_URI']
  if (given) return existing(given)
  const server = await startOwnMysql(options)
  if (!('unavailable' in server)) return server
  const hint = 'Or name a running one: LOCKSTEP_MYSQL_URI=mysql://user:password@127.0.0.1:3306/database'
  return { unavailable: `${server.unavailable} ${hint}` }
}

/**
 * A mariadbd, or else mysqld, of our own on a free port of 127.0.0.1 and on a Unix socket, in a temporary folder, with these options of its command line besides
 * ours (`'--innodb-flush-log-at-trx-commit=2'`). Resolves when it answers. Rejects when it ends, with what it has said, or does not answer.
 */
export async function startOwnMysql(options: readonly string[] = []): Promise<OwnMysqlServer | Unavailable> {
  const binaries = await findBinaries()
  if ('unavailable' in binaries) return binaries
  const server = new OwnMysqlServer(await temporaryFolder(), binaries, await freePort(), options)
  try {
    await server.initialize()
    await server.restart()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function existing(uri: string): Promise<MysqlServer> {
  const connection = await createConnection({ uri, connectTimeout: 10_000 })
  try {
    const [[row]] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version')
    return { uri, version: row?.['version'] as string, stop: leaveRunning, [Symbol.asyncDispose]: leaveRunning }
  } finally {
    connection.destroy()
  }
}

async function leaveRunning(): Promise<void> {}
