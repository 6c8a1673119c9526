import {
  ClosedError,
  defaultTimeout,
  InvalidArgumentError,
  type Lease,
  LeaseLostError,
  monotonic,
  staleToken,
  StaleTokenError,
} from '@lockstep/state'
import type { PoolConnection } from 'mysql2/promise'
import type { Database } from './database.ts'
import type { Session } from './session.ts'
import { named, type Named, now, type Tables } from './sql.ts'
import { isFatal, troubleOf } from './trouble.ts'

/** How often a transaction that the database has rolled back is run again, and the pause before it in milliseconds, at random up to what grows with each. */
const again = { times: 20, first: 10, most: 250 }

/**
 * What runs inside of a transaction, on its connection (of `mysql2/promise`). It may run several times, each time in a new transaction, so it has no effect but
 * through the connection. It neither begins, commits nor rolls back, and uses no statement that commits by itself (DDL).
 */
export type TransactionWork<T> = (connection: PoolConnection) => Promise<T>

export interface TransactionOptions {
  /** Milliseconds for a connection, and for each statement of ours, 1 to 60,000. Default 5,000. */
  readonly timeout?: number | undefined
  /** Rejects with its reason; what was done is rolled back. Looked at before each attempt and before COMMIT. */
  readonly signal?: AbortSignal | undefined
  /**
   * With a lease of another store: the name of what this transaction changes, such as `'order:42'`. It remembers the highest token of each lock, as a counter or
   * entry with `fence` does.
   */
  readonly resource?: string | undefined
}

/** Runs a statement of ours on a connection of yours, in whatever way your library does, and resolves with what it gives: rows, `[rows]`, `[rows, fields]` or `{ rows }`. */
export type RunStatement = (sql: string, values: unknown[]) => Promise<unknown>

/** Your own statements, in a transaction at READ COMMITTED that keeps what a lock promises. */
export interface Transactions {
  /**
   * Runs `work` in a transaction and commits it. What the database has rolled back because of a deadlock, a lock that was waited for too long or a row that has changed
   * is run again; so is, until `timeout`, what has lost its connection before COMMIT. Rejects with what `work` threw, after ROLLBACK; with `OutcomeUnknownError` if the
   * answer to COMMIT is lost; with `UnavailableError` if there is no connection.
   */
  transaction<T>(work: TransactionWork<T>, options?: Omit<TransactionOptions, 'resource'>): Promise<T>
  /**
   * Likewise, and it is committed only if the lease is still held: its row is locked and looked at last, right before COMMIT, so that nobody can take the lock over
   * in between. Rejects with `LeaseLostError`, and nothing was changed, if it is not. The lease is of a lock in this database; with `resource` of any store: then a
   * row of that name is locked first and remembers the token, and a stale holder gets `StaleTokenError`.
   */
  withTransaction<T>(lease: Lease, work: TransactionWork<T>): Promise<T>
  withTransaction<T>(lease: Lease, options: TransactionOptions, work: TransactionWork<T>): Promise<T>
  /**
   * The check of `withTransaction` for a transaction of yours, of any library, on this database: call it last, right before COMMIT, at READ COMMITTED. Rejects with
   * `LeaseLostError`; then roll back.
   */
  assertHeld(run: RunStatement, lease: Lease): Promise<void>
}

/** Where transactions run. */
export interface Place {
  readonly database: Database
  readonly tables: Tables
}

interface Guard {
  /** Right after START TRANSACTION. */
  readonly first?: (session: Session) => Promise<void>
  /** Right before COMMIT. */
  readonly last?: (session: Session) => Promise<void>
}

export class OwnTransactions implements Transactions {
  #place: Place | undefined

  open(place: Place): void {
    this.#place = place
  }

  close(place: Place): void {
    if (this.#place === place) this.#place = undefined
  }

  transaction<T>(work: TransactionWork<T>, options: TransactionOptions = {}): Promise<T> {
    return this.#run(work, options, {})
  }

  withTransaction<T>(lease: Lease, work: TransactionWork<T>): Promise<T>
  withTransaction<T>(lease: Lease, options: TransactionOptions, work: TransactionWork<T>): Promise<T>
  async withTransaction<T>(
    lease: Lease,
    optionsOrWork: TransactionOptions | TransactionWork<T>,
    maybeWork?: TransactionWork<T>,
  ): Promise<T> {
    const [options, work] = typeof optionsOrWork === 'function' ? [{}, optionsOrWork] : [optionsOrWork, maybeWork]
    if (typeof work !== 'function') throw new InvalidArgumentError('withTransaction needs a function to run')
    const { resource } = options
    lease.assertHeld()
    const guard =
      resource === undefined
        ? { last: (session: Session) => this.assertHeld((sql, values) => session.rows(sql, values as Buffer[]), lease) }
        : { first: (session: Session) => this.#raise(session, resource, lease), last: async () => lease.assertHeld() }
    return this.#run(work, options, guard)
  }

  async assertHeld(run: RunStatement, lease: Lease): Promise<void> {
    lease.assertHeld()
    const { sql, values } = held(this.#open().tables)
    const rows = rowsOf(await run(sql, values({ name: Buffer.from(lease.name), token: BigInt(lease.token) })))
    if (rows.length > 0) return
    throw new LeaseLostError(
      `Lock ${JSON.stringify(lease.name)} is no longer held in this database under token ${lease.token}: roll back. (For a lease of another store give { resource }.)`,
    )
  }

  async #run<T>(work: TransactionWork<T>, options: TransactionOptions, { first, last }: Guard): Promise<T> {
    const { timeout = defaultTimeout, signal } = options
    if (!Number.isInteger(timeout) || timeout < 1 || timeout > 60_000) {
      throw new InvalidArgumentError('timeout must be a whole number of milliseconds from 1 to 60000')
    }
    const { database } = this.#open()
    let deadline = monotonic() + timeout
    for (let attempt = 0; ; attempt += 1) {
      signal?.throwIfAborted()
      const session = await database.open(deadline, { until: Infinity })
      const trouble = { met: undefined as unknown }
      try {
        return await session.close(
          session.transaction(async () => {
            await first?.(session)
            const result = await work(watched(session, trouble))
            // Whoever swallows it would commit what came after it, without what came before.
            if (trouble.met !== undefined) throw trouble.met
            signal?.throwIfAborted()
            await last?.(session)
            return result
          }),
        )
      } catch (error) {
        if (session.failed(error) && session.uncertain && troubleOf(error) === 'lost') throw database.unknown(error)
        const cause = trouble.met ?? error
        const isOurs = session.failed(error) || trouble.met !== undefined
        const isLost = isOurs && isFatal(cause)
        const mayRunAgain = isLost ? monotonic() < deadline : isRolledBack(cause) && attempt < again.times
        if (!mayRunAgain) throw isLost || session.failed(error) ? database.unavailable(cause) : error
        const most = Math.min(again.most, again.first * 2 ** attempt)
        await new Promise((resolve) => setTimeout(resolve, Math.random() * most))
        if (!isLost) deadline = monotonic() + timeout
      }
    }
  }

  /** Lock the row of the resource, and raise its mark, before anything is done: of two holders one waits for the other's COMMIT. */
  async #raise(session: Session, resource: string, { name, token }: Lease): Promise<void> {
    if (typeof resource !== 'string' || resource === '' || Buffer.byteLength(resource) > 191) {
      throw new InvalidArgumentError('resource must be a name of 1 to 191 bytes')
    }
    const { raise, mark } = fence(this.#open().tables)
    const keys = { resource: Buffer.from(`r${resource}`), lock: Buffer.from(name) }
    await session.execute(raise.sql, raise.values({ ...keys, token: BigInt(token) }))
    const [row] = await session.rows(mark.sql, mark.values(keys))
    const highest = Number(row?.['token'])
    if (highest > token) throw new StaleTokenError(staleToken(resource, { name, token }, highest).message)
  }

  #open(): Place {
    if (this.#place === undefined) {
      throw new ClosedError('No state is open on this adapter: await createClusterState({ adapter }) with it first')
    }
    return this.#place
  }
}

/** A lease that was handed on inside its process has one of the tokens that were reserved with the grant. */
function held({ locks }: Tables): Named<'name' | 'token'> {
  return named(
    `SELECT 1 AS held FROM ${locks} WHERE name = :name AND token <= #token AND last_token >= #token AND expires_us > ${now} FOR UPDATE`,
  )
}

function fence({ fences }: Tables): { raise: Named<'resource' | 'lock' | 'token'>; mark: Named<'resource' | 'lock'> } {
  return {
    raise:
      named(`INSERT INTO ${fences} (resource, lock_name, token, touched_us) VALUES (:resource, :lock, #token, ${now})
ON DUPLICATE KEY UPDATE token = GREATEST(token, #token), touched_us = ${now}`),
    mark: named(`SELECT token FROM ${fences} WHERE resource = :resource AND lock_name = :lock`),
  }
}

/** The connection for `work`; what of its statements meets a rollback by the database, or the end of the connection, is noted. */
function watched(session: Session, trouble: { met: unknown }): PoolConnection {
  const connection = session.connection.promise()
  for (const how of ['query', 'execute'] as const) {
    const send = connection[how].bind(connection) as (...args: unknown[]) => Promise<unknown>
    Object.assign(connection, {
      [how]: async (...args: unknown[]) => {
        try {
          return await send(...args)
        } catch (error) {
          if (isRolledBack(error) || isFatal(error)) trouble.met ??= error
          throw error
        }
      },
    })
  }
  return connection
}

function isRolledBack(error: unknown): boolean {
  return typeof (error as { errno?: unknown } | undefined)?.errno === 'number' && troubleOf(error) === 'again'
}

function rowsOf(given: unknown): readonly unknown[] {
  const found = Array.isArray(given) && Array.isArray(given[0]) ? given[0] : given
  if (Array.isArray(found)) return found
  const { rows } = (found ?? {}) as { rows?: unknown }
  if (Array.isArray(rows)) return rows
  throw new InvalidArgumentError('the function that assertHeld is given must resolve with the rows of the statement')
}
