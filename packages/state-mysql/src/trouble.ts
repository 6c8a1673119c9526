import { UnavailableError } from '@lockstep/state'

/** What became of a statement that failed. */
export type Trouble =
  /** The transaction was rolled back, or has to be, and may succeed when it is run again. */
  | 'again'
  /** The server refused it and may take it soon, perhaps on another connection: nothing was applied. */
  | 'notNow'
  /** The server refused it, and will again: nothing was applied. */
  | 'refused'
  /** It never left. */
  | 'unsent'
  /** Nobody knows. */
  | 'lost'

interface DriverError {
  readonly errno?: number | string
  readonly code?: string
  readonly fatal?: boolean
  readonly message: string
}

/**
 * By number, for the names that mysql2 gives are those of MySQL, and MariaDB uses some numbers otherwise.
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
const kinds: ReadonlyMap<number, Trouble> = new Map<number, Trouble>([
  // Deadlock; lock wait timeout; record changed since last read (MariaDB, innodb_snapshot_isolation).
  [1213, 'again'],
  [1205, 'again'],
  [1020, 'again'],
  // Too many connections, of all users or of this one; read-only server, transaction, or option; server shutting down.
  [1040, 'notNow'],
  [1203, 'notNow'],
  [1226, 'notNow'],
  [1290, 'notNow'],
  [1792, 'notNow'],
  [1836, 'notNow'],
  [1053, 'notNow'],
  // Too many prepared statements; disk full; error on write; table full.
  [1461, 'notNow'],
  [1021, 'notNow'],
  [3, 'notNow'],
  [1026, 'notNow'],
  [1114, 'notNow'],
  // A Galera node that has lost its cluster.
  [1047, 'notNow'],
])

export function troubleOf(error: unknown): Trouble {
  const { errno, message } = (error ?? {}) as DriverError
  if (/closed state/.test(message)) return 'unsent'
  // 1317: the query was interrupted (KILL QUERY), 1927: the connection was killed. What has been done by then the server does not tell.
  if (errno === 1317 || errno === 1927 || isFatal(error)) return 'lost'
  if (typeof errno !== 'number' || errno <= 0) return 'lost'
  return kinds.get(errno) ?? 'refused'
}

/** The connection is not to be used any more. */
export function isFatal(error: unknown): boolean {
  const { fatal, code, errno } = (error ?? {}) as DriverError
  return fatal === true || errno === 1927 || /^(?!ER_)(E[A-Z]|PROTOCOL_)/.test(code ?? '')
}

/** A server that has become read-only, after a failover perhaps: the pool should not keep the connection. */
export function isReadOnly(error: unknown): boolean {
  const { errno } = (error ?? {}) as DriverError
  return errno === 1290 || errno === 1792 || errno === 1836
}

/** The server could not be reached, or could not be used, when the adapter connected. */
export function cannotConnect(address: string, error: unknown): UnavailableError {
  return new UnavailableError(`The database at ${address} cannot be used: ${messageOf(error)}.${adviceFor(error)}`, {
    cause: tidy(error),
  })
}

/** What to do about a refusal, with a space before it. */
export function adviceFor(error: unknown): string {
  const { errno, code } = (error ?? {}) as DriverError
  const text = typeof errno === 'number' && errno > 0 ? advice.get(errno) : advice.get(code ?? '')
  return text === undefined ? '' : ` ${text}`
}

const rights = 'The README of @lockstep/state-mysql lists the rights that are needed.'
const readOnly = 'It is read-only: give the address of the primary.'
const manyOfUser = 'This user has too many connections: raise max_user_connections, or lower connectionLimit.'
const full = 'Its disk is full.'
const advice = new Map<number | string, string>([
  ['ECONNREFUSED', 'Nothing listens there: is the server running?'],
  ['ENOTFOUND', 'There is no such host.'],
  [1040, 'It has too many connections: raise max_connections, or lower connectionLimit.'],
  [1203, manyOfUser],
  [1226, manyOfUser],
  [1044, 'The user may not use this database.'],
  [1045, 'User or password is wrong.'],
  [1698, 'User or password is wrong.'],
  [1049, 'There is no such database: create it first.'],
  [1142, rights],
  [1146, 'Our tables are missing: let autoMigrate create them, or run the SQL that schema() gives.'],
  [1290, readOnly],
  [1792, readOnly],
  [1836, readOnly],
  [1021, full],
  [3, full],
  [1026, full],
  [1114, full],
  [1461, 'It has too many prepared statements: raise max_prepared_stmt_count.'],
])

/** As a cause for others to see: an error of mysql2 carries the statement with its values. */
export function tidy(error: unknown): Error {
  const { errno } = (error ?? {}) as DriverError
  return Object.assign(new Error(messageOf(error)), errno === undefined ? {} : { errno })
}

/** Without a full stop at its end, and without the values that the server quotes. */
export function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as DriverError
  return (message || code || String(error)).replace(/\.$/, '')
}
