import { isStateError, monotonic } from '@lockstep/state'
import type { MysqlConnection } from './options.ts'

/** What a statement answers that gives no rows. */
export interface Result {
  /** A number, or a string where it is no safe number. */
  readonly insertId: number | string
  readonly affectedRows: number
  /** `Rows matched: 1  Changed: 1  Warnings: 0`; how a client counts affected rows depends on its flags, this does not. */
  readonly info: string
}

export type Row = Readonly<Record<string, unknown>>
export type Value = string | number | bigint | Buffer | null

export interface SessionOptions {
  /** When a statement that is sent now has to be answered, on `monotonic()`. */
  readonly until: () => number
  readonly readCommitted: boolean
  /** Gives the connection back, with the error that ended the work if there was one. */
  readonly end: (error: unknown) => void
}

/** A connection while one piece of work has it. */
export class Session {
  readonly #connection: MysqlConnection
  readonly #options: SessionOptions
  #uncertain = false
  #open = false
  #error: unknown

  constructor(connection: MysqlConnection, options: SessionOptions) {
    this.#connection = connection
    this.#options = options
  }

  get connection(): MysqlConnection {
    return this.#connection
  }

  /** Something has been sent that is applied, whether its answer comes or not: a COMMIT, or a statement outside of a transaction. */
  get uncertain(): boolean {
    return this.#uncertain
  }

  /** The error is one that a statement of this session has met. */
  failed(error: unknown): boolean {
    return error !== undefined && error === this.#error
  }

  /** A statement of constant text, which is prepared once for each connection. */
  execute(sql: string, values: readonly Value[]): Promise<Result> {
    return this.#send('execute', sql, values) as Promise<Result>
  }

  /** Likewise; the rows that it gives. */
  rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#send('execute', sql, values) as Promise<readonly Row[]>
  }

  /** The rows of a statement whose text depends on how many values it has: a list for `IN (?)` is an array. */
  text(sql: string, values: readonly (Value | readonly Value[])[]): Promise<readonly Row[]> {
    return this.#send('query', sql, values) as Promise<readonly Row[]>
  }

  /** A statement that is not worth preparing, without values. */
  query(sql: string): Promise<unknown> {
    return this.#send('query', sql, [])
  }

  /** Do `work` in a transaction at READ COMMITTED. It is committed when `work` resolves, and rolled back when it rejects. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    // Nothing that is sent from here on is applied before COMMIT.
    this.#open = true
    // At REPEATABLE READ MariaDB refuses rows that have changed since the first read (innodb_snapshot_isolation, default since 11.6.2).
    if (!this.#options.readCommitted) await this.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
    await this.query('START TRANSACTION')
    const result = await work()
    this.#uncertain = true
    await this.query('COMMIT')
    this.#open = false
    return result
  }

  /** Wait for the work, roll back what it left open, and give the connection back. */
  async close<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work
      this.#options.end(undefined)
      return result
    } catch (error) {
      const rolledBack = !this.#open || isBroken(error, this.#error) || (await this.#rollBack())
      this.#options.end(rolledBack ? error : fatal)
      throw error
    }
  }

  async #rollBack(): Promise<boolean> {
    const error = this.#error
    try {
      // Also after a lock wait timeout, which leaves the transaction open: https://dev.mysql.com/doc/refman/8.4/en/innodb-error-handling.html
      await this.query('ROLLBACK')
      return true
    } catch {
      return false
    } finally {
      this.#error = error
    }
  }

  #send(how: 'execute' | 'query', sql: string, values: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        this.#error = error
        reject(error)
      }
      const left = this.#options.until() - monotonic()
      const timer = setTimeout(() => fail(silence()), Math.max(0, left))
      this.#uncertain ||= !this.#open
      this.#connection[how]({ ...plain, sql, values: [...values] }, (error, result) => {
        clearTimeout(timer)
        if (error === null) resolve(result)
        else fail(error)
      })
    })
  }
}

/** Whatever the pool's own settings are. */
const plain = { rowsAsArray: false, namedPlaceholders: false, nestTables: false }

/** Stands for an end after which the connection is in no known state. */
const fatal = { fatal: true }

function isBroken(error: unknown, last: unknown): boolean {
  return !isStateError(error) && error === last && (error as { fatal?: boolean }).fatal === true
}

function silence(): Error {
  return Object.assign(new Error('no answer in time'), { fatal: true })
}

/** The one row that the statement is about was there. By what the server says: what a driver counts as affected depends on the flags of its connection. */
export function matches({ info }: Result): boolean {
  return /Rows matched: 1\b/.test(info)
}
