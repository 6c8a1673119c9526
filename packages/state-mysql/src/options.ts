import { InvalidArgumentError } from '@lockstep/state'
import type { PoolConnection } from 'mysql2/promise'
import type { SecureContextOptions } from 'node:tls'

/** What is used of a connection of mysql2. */
export interface MysqlConnection {
  query(options: Statement, callback: Callback): unknown
  execute(options: Statement, callback: Callback): unknown
  release(): void
  destroy(): void
  readonly stream?: { destroy(): void }
  promise(): PoolConnection
}

interface Statement {
  readonly sql: string
  readonly values?: unknown[]
  readonly rowsAsArray?: boolean
  readonly namedPlaceholders?: boolean
  readonly nestTables?: boolean
}

type Callback = (error: Error | null, result: unknown) => void

/** What is used of a pool of mysql2 (3.24 or newer), that of `mysql2` as well as that of `mysql2/promise`. */
export interface MysqlPool {
  getConnection(callback: (error: Error | null, connection: MysqlConnection) => void): void
}

export interface MysqlOptions {
  /** `mysql://user:password@host:3306/database`. Default `mysql://root@127.0.0.1:3306/lockstep`. */
  readonly uri?: string | undefined
  /**
   * A pool of your own, of `mysql2` or `mysql2/promise`. It stays yours: it is not configured and not closed. It is looked at when the adapter connects and refused
   * where it would give wrong answers.
   */
  readonly pool?: object | undefined
  /** For TLS: `ca`, `cert`, `key`, …; `{}` for the system's authorities. Default: none. */
  readonly ssl?: (SecureContextOptions & { readonly rejectUnauthorized?: boolean }) | undefined
  /** Connections of our own pool at most, 2 to 1,000. Default 10. */
  readonly connectionLimit?: number | undefined
  /** What the name of every table begins with: 1 to 32 letters, digits and `_`, no digit first. Default `lockstep_`. */
  readonly prefix?: string | undefined
  /** Whether missing tables are created when the adapter connects. Default true. Without it `schema()` gives the SQL to run. */
  readonly autoMigrate?: boolean | undefined
  /** Milliseconds for the server to answer when the adapter connects, 1 to 60,000. Default 5,000. */
  readonly connectTimeout?: number | undefined
  /** Milliseconds after which a connection that does not answer is given up, 100 to 60,000. Default 3,000. */
  readonly commandTimeout?: number | undefined
  /** How often a process may hand a lock on to its own waiters before other processes have their turn, 0 to 63. Default 16. */
  readonly cohort?: number | undefined
  /** Milliseconds that the answer to an `operationId` is on record. Default a day. */
  readonly operationRetention?: number | undefined
}

/** The options, checked, with their defaults. */
export interface CheckedOptions {
  readonly uri: string | undefined
  readonly pool: MysqlPool | undefined
  readonly ssl: MysqlOptions['ssl']
  readonly connectionLimit: number
  readonly prefix: string
  readonly autoMigrate: boolean
  readonly connectTimeout: number
  readonly commandTimeout: number
  readonly cohort: number
  readonly operationRetention: number
}

declare module '@lockstep/state' {
  interface AdapterOptions {
    mysql: MysqlOptions
  }
}

const milliseconds = 'a whole number of milliseconds'
/** Default, least, greatest, unit. */
const amounts = {
  connectionLimit: [10, 2, 1_000, 'a whole number'],
  connectTimeout: [5_000, 1, 60_000, milliseconds],
  commandTimeout: [3_000, 100, 60_000, milliseconds],
  cohort: [16, 0, 63, 'a whole number'],
  operationRetention: [86_400_000, 1_000, 2 ** 31 - 1, milliseconds],
} as const

const known: readonly string[] = ['uri', 'pool', 'ssl', 'prefix', 'autoMigrate', ...Object.keys(amounts)]

/** Throws `InvalidArgumentError`; no message holds a value that could be a secret. */
export function checkOptions(options: unknown = {}): CheckedOptions {
  if (typeof options !== 'object' || options === null) refuse('the options of mysql() must be an object')
  const stranger = Object.keys(options).find((key) => !known.includes(key))
  if (stranger !== undefined) refuse(`mysql() has no option ${stranger}; it knows ${known.join(', ')}`)
  const given = options as MysqlOptions
  const { uri, pool, ssl, autoMigrate = true } = given
  if (uri !== undefined && pool !== undefined) refuse('mysql() takes one of uri and pool; got both')
  if (uri !== undefined && !isUri(uri)) refuse('uri must be like mysql://user:password@host:3306/database')
  for (const key of ['ssl', 'connectionLimit'] as const) {
    if (pool !== undefined && given[key] !== undefined) refuse(`${key} is a matter of the pool that you pass`)
  }
  if (ssl !== undefined && (typeof ssl !== 'object' || ssl === null)) refuse('ssl must be an object')
  if (typeof autoMigrate !== 'boolean') refuse('autoMigrate must be true or false')
  const numbers = Object.entries(amounts).map(([key, [standard, min, max, what]]) => {
    const value = given[key as keyof typeof amounts] ?? standard
    if (!Number.isInteger(value) || value < min || value > max) refuse(`${key} must be ${what} from ${min} to ${max}`)
    return [key, value] as const
  })
  return Object.freeze({
    uri,
    pool: pool === undefined ? undefined : corePool(pool),
    ssl,
    autoMigrate,
    prefix: checkPrefix(given.prefix),
    ...(Object.fromEntries(numbers) as Record<keyof typeof amounts, number>),
  })
}

/** Throws `InvalidArgumentError`. */
export function checkPrefix(prefix: unknown = 'lockstep_'): string {
  if (typeof prefix === 'string' && /^[a-z_]\w{0,31}$/i.test(prefix)) return prefix
  refuse('prefix must be 1 to 32 letters, digits and _, and not begin with a digit')
}

/** The pool with callbacks, which that of `mysql2/promise` wraps: a promise for each call of ours is enough. */
function corePool(pool: object): MysqlPool {
  const core: unknown = 'pool' in pool ? pool.pool : pool
  if (typeof core === 'object' && core !== null && 'getConnection' in core && 'promise' in core) {
    return core as unknown as MysqlPool
  }
  refuse('pool must be what createPool of mysql2 or mysql2/promise returns')
}

function isUri(uri: unknown): boolean {
  if (typeof uri !== 'string' || !URL.canParse(uri)) return false
  const { protocol, hostname, pathname } = new URL(uri)
  return /^(mysql|mariadb):$/.test(protocol) && hostname !== '' && /^\/[^/]+$/.test(pathname)
}

function refuse(message: string): never {
  throw new InvalidArgumentError(message)
}
