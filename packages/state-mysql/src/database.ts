import { type Call, monotonic, OutcomeUnknownError, UnavailableError } from '@lockstep/state'
import type { MysqlConnection, MysqlPool } from './options.ts'
import { destroy } from './pool.ts'
import { Session } from './session.ts'
import { adviceFor, isFatal, isReadOnly, messageOf, tidy, troubleOf } from './trouble.ts'

/** Between two attempts, in milliseconds, at random from 0: who collided must not come back together. */
const pause = { initial: 10, max: 250 }

export interface DatabaseOptions {
  readonly pool: MysqlPool
  /** For messages: host, port and database, never a password. */
  readonly address: string
  /** Milliseconds after which a connection that does not answer is given up. */
  readonly commandTimeout: number
  /** The sessions of the pool are at READ COMMITTED already. */
  readonly readCommitted: boolean
}

export interface Work {
  /** It changes something. */
  readonly writes: boolean
  /** It may be done a second time though the first may have been done: it then has the same result. */
  readonly repeatable: boolean
}

/** Reads, and what gives the same result a second time. */
export const reads: Work = { writes: false, repeatable: true }
export const repeats: Work = { writes: true, repeatable: true }
/** A change whose answer, once lost, is unknown. */
export const once: Work = { writes: true, repeatable: false }

/**
 * Brings work to the database within the deadline of the call: takes a connection of the pool, waits no longer than it may, gives up connections that do not
 * answer, and does again what was rolled back or may be repeated.
 */
export class Database {
  readonly address: string
  readonly #pool: MysqlPool
  readonly #commandTimeout: number
  readonly #readCommitted: boolean
  readonly #idle = new Set<() => void>()
  #underWay = 0

  constructor({ pool, address, commandTimeout, readCommitted }: DatabaseOptions) {
    this.#pool = pool
    this.address = address
    this.#commandTimeout = commandTimeout
    this.#readCommitted = readCommitted
  }

  /**
   * Do `work` with a session of its own; what throws a `StateError` or any error that is none of the driver is not done again. Rejects with `UnavailableError` if
   * it is certain that nothing was applied, else with `OutcomeUnknownError`.
   */
  async run<T>(kind: Work, { deadline }: Call, work: (session: Session) => Promise<T>): Promise<T> {
    this.#underWay += 1
    let sent = false
    try {
      for (let attempt = 0; ; attempt += 1) {
        const session = await this.open(deadline, { sent: sent && kind.writes })
        try {
          return await session.close(work(session))
        } catch (error) {
          if (!session.failed(error)) throw error
          const kindOf = troubleOf(error)
          // The server rolls back what a lost connection has not committed.
          const trouble = kindOf === 'lost' && !session.uncertain ? 'again' : kindOf
          sent ||= trouble === 'lost'
          const rest = Math.random() * Math.min(pause.max, pause.initial * 2 ** attempt)
          const hopeless = trouble === 'refused' || (trouble === 'lost' && kind.writes && !kind.repeatable)
          if (hopeless || monotonic() + rest >= deadline) {
            throw sent && kind.writes ? this.unknown(error) : this.unavailable(error)
          }
          await new Promise((resolve) => setTimeout(resolve, rest))
        }
      }
    } finally {
      this.#underWay -= 1
      if (this.#underWay === 0) for (const tell of this.#idle) tell()
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#idle.add(resolve))
  }

  unavailable(error: unknown): UnavailableError {
    return new UnavailableError(
      `The database at ${this.address} did not take the request: ${messageOf(error)}.${adviceFor(error)}`,
      { cause: tidy(error) },
    )
  }

  unknown(error: unknown): OutcomeUnknownError {
    return new OutcomeUnknownError(
      `A request to the database at ${this.address} was sent and not answered: ${messageOf(error)}. It may have been applied.`,
      { cause: tidy(error) },
    )
  }

  /**
   * A session on a connection of the pool, which its `close` gives back. While there is no connection to be had it is tried again until the deadline. `until`: when
   * a statement that is sent now has to be answered.
   */
  async open(
    deadline: number,
    { sent = false, until = deadline }: { sent?: boolean; until?: number } = {},
  ): Promise<Session> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const connection = await this.#connection(deadline)
        return new Session(connection, {
          until: () => Math.min(until, monotonic() + this.#commandTimeout),
          readCommitted: this.#readCommitted,
          end: (error) => {
            if (isFatal(error) || isReadOnly(error)) destroy(connection)
            else connection.release()
          },
        })
      } catch (error) {
        const trouble = troubleOf(error)
        const rest = pause.initial + Math.random() * Math.min(pause.max, pause.initial * 2 ** attempt)
        if (trouble === 'refused' || monotonic() + rest >= deadline) {
          throw sent ? this.unknown(error) : this.unavailable(error)
        }
        await new Promise((resolve) => setTimeout(resolve, rest))
      }
    }
  }

  /** The pool itself would wait for ever. */
  #connection(deadline: number): Promise<MysqlConnection> {
    return new Promise((resolve, reject) => {
      let late = false
      const timer = setTimeout(
        () => {
          late = true
          reject(new Error('no connection could be had in time'))
        },
        Math.max(0, deadline - monotonic()),
      )
      this.#pool.getConnection((error, connection) => {
        clearTimeout(timer)
        if (late) connection?.release()
        else if (error !== null) reject(error)
        else resolve(connection)
      })
    })
  }
}
