import { InvalidArgumentError } from '@lockstep/state'
import { createPool, type Pool, type PoolConnection, type PoolOptions } from 'mysql2'
import type { CheckedOptions, MysqlConnection, MysqlPool } from './options.ts'
import type { Session } from './session.ts'

/** A pool, and what is known of it. */
export interface OpenPool {
  readonly pool: MysqlPool
  /** For messages: host, port and database, never a password. */
  readonly address: string
  /** It was made here, with the settings that our statements want. */
  readonly own: boolean
  close(): Promise<void>
}

/** More than we have statements. */
const preparedStatements = 64
/** How long a connection may take to say goodbye, in milliseconds. */
const patience = 1_000

/**
 * What every session of ours is set to: results must not depend on what the server or its administrator prefers. Waiting for locks of others ends before our own
 * patience does, and what a lost connection of ours has locked is free again after two minutes at most.
 */
const settings = [
  "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1, " +
    'innodb_lock_wait_timeout = 1, lock_wait_timeout = 2, wait_timeout = 120',
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
]

export function openPool(options: CheckedOptions): OpenPool {
  if (options.pool !== undefined) {
    return { pool: options.pool, address: addressOfPool(options.pool), own: false, close: async () => {} }
  }
  const { uri = 'mysql://root@127.0.0.1:3306/lockstep', ssl, connectionLimit, connectTimeout, commandTimeout } = options
  const config: PoolOptions = {
    uri,
    connectionLimit,
    // A handshake that hangs is replaced like any other connection that does not answer.
    connectTimeout: Math.min(connectTimeout, commandTimeout),
    maxPreparedStatements: preparedStatements,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    ...(ssl === undefined ? {} : { ssl: ssl as NonNullable<PoolOptions['ssl']> }),
  }
  const pool = createPool(config)
  const connections = new Set<PoolConnection>()
  pool.on('connection', (connection) => {
    connections.add(connection)
    connection.once('end', () => connections.delete(connection))
    for (const sql of settings) {
      // Queued before whatever this connection is wanted for: that fails with it.
      connection.query(sql, (error: Error | null) => {
        if (error !== null) connection.destroy()
      })
    }
  })
  return { pool: pool, address: addressOf(uri), own: true, close: () => end(pool, connections) }
}

/** Refuse a pool of a user's where it would give wrong answers. Throws `InvalidArgumentError`. */
export async function probe(session: Session): Promise<void> {
  const sample = 'ü😀'
  const [row] = await session.rows(
    'SELECT @@SESSION.sql_mode AS mode, @@SESSION.autocommit AS autocommit, HEX(?) AS text, ? + 0 AS number',
    [sample, 9_007_199_254_740_991n],
  )
  const modes = String(row?.['mode']).split(',')
  if (modes.includes('SIMULTANEOUS_ASSIGNMENT')) {
    refuse('has sql_mode SIMULTANEOUS_ASSIGNMENT, under which our statements mean something else: remove it')
  }
  if (Number(row?.['autocommit']) !== 1)
    refuse('has autocommit off, so that nothing of ours would be kept: set it to 1')
  if (row?.['text'] !== Buffer.from(sample).toString('hex').toUpperCase()) {
    refuse('has a charset other than utf8mb4, in which texts are changed: set charset to utf8mb4')
  }
}

/** mysql2 only ends the stream and waits for the other side to do so: a connection that does not answer would stay for minutes, and the process with it. */
export function destroy(connection: Pick<MysqlConnection, 'destroy' | 'stream'>): void {
  connection.destroy()
  connection.stream?.destroy()
}

function refuse(what: string): never {
  throw new InvalidArgumentError(`The pool that was passed to mysql() ${what}`)
}

function addressOf(uri: string): string {
  const { hostname, port, pathname } = new URL(uri)
  return `${hostname}:${port || 3306}${pathname}`
}

function addressOfPool(pool: MysqlPool): string {
  const { config } = pool as { config?: { connectionConfig?: PoolOptions } }
  const { host = '', port = '', socketPath = `${host}:${port}`, database = '' } = config?.connectionConfig ?? {}
  return `${socketPath}/${database}`
}

/** In order, or by force where a connection does not answer. */
function end(pool: Pool, connections: ReadonlySet<PoolConnection>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const connection of connections) destroy(connection)
      resolve()
    }, patience)
    pool.end(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
