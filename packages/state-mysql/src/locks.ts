import {
  type AcquireAnswer,
  type AcquireRequest,
  type Call,
  type ExtendRequest,
  isStateError,
  type LockInspection,
  type LockListener,
  type LockOwner,
  type LockStore,
  monotonic,
} from '@lockstep/state'
import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'
import { type Database, reads, repeats } from './database.ts'
import { type LockStatements, lockStatements } from './lock-statements.ts'
import { Polls } from './polls.ts'
import { matches } from './session.ts'
import { micros, type Named, type Tables } from './sql.ts'

/** Tokens are microseconds since 1970; what is less is the time that a lock stays taken. */
const leastToken = 2 ** 50
/** So long after its deadline, in milliseconds, an acquire that was lost on its way can have no effect any more: it may have waited for its row. */
const arrived = 1_500
/** How many leases of one request are extended at a time, each on a connection. */
const atOnce = 4

export interface LockStoreOptions {
  readonly database: Database
  readonly tables: Tables
  readonly clock: Clock
  readonly cohort: number
}

/**
 * A lock is a row that stays. Every request is one statement, by the clock of the database, and a repeat of it has the same result. Those who wait stand in line
 * inside their process; processes poll, with jitter, and one that has had the lock lets the others have it first.
 */
export class MysqlLocks implements LockStore {
  readonly cohort: number
  readonly #database: Database
  readonly #clock: Clock
  readonly #client: Buffer = randomBytes(12)
  readonly #statements: LockStatements
  readonly #polls: Polls
  /** Requests to acquire that have not settled, by owner. */
  readonly #asking = new Map<string, Promise<void>>()
  /** Owners whose last request may still be on its way, with its deadline. */
  readonly #lost = new Map<string, number>()
  #listener: LockListener | undefined

  constructor({ database, tables, clock, cohort }: LockStoreOptions) {
    this.#database = database
    this.#clock = clock
    this.#statements = lockStatements(tables)
    this.#polls = new Polls((owner) => this.#listener?.offered(owner))
    this.cohort = cohort
  }

  async acquire(request: AcquireRequest, call: Call): Promise<AcquireAnswer> {
    const { owner } = request
    this.#polls.pause(owner)
    const asking = this.#ask(request, call)
    const settled = asking.then(
      () => {},
      () => {},
    )
    this.#asking.set(owner, settled)
    try {
      const answer = await asking
      if (!answer.granted && request.wait > 0) this.#polls.start(owner, answer.expiresIn)
      else this.#polls.end(owner)
      this.#lost.delete(owner)
      return answer
    } catch (error) {
      if (isStateError(error) && error.code === 'LOCKSTEP_OUTCOME_UNKNOWN') this.#lost.set(owner, call.deadline)
      throw error
    } finally {
      if (this.#asking.get(owner) === settled) this.#asking.delete(owner)
    }
  }

  async cancel(owner: LockOwner, call: Call): Promise<void> {
    // Behind the acquire that it cancels, which has another connection.
    await this.#asking.get(owner.owner)
    this.#polls.end(owner.owner)
    await this.#change(this.#statements.cancel, owner, call)
    const until = this.#lost.get(owner.owner)
    this.#lost.delete(owner.owner)
    if (until === undefined) return
    const again = (): void => {
      this.#change(this.#statements.cancel, owner, { deadline: monotonic() + arrived }).catch(() => {})
    }
    setTimeout(again, Math.max(0, until - monotonic()) + arrived).unref()
  }

  async extend(leases: readonly ExtendRequest[], call: Call): Promise<readonly (boolean | undefined)[]> {
    if (leases.length < 2) return Promise.all(leases.map((lease) => this.#extend(lease, call)))
    // Answered before the caller gives up on all of them.
    const deadline = call.deadline - (call.deadline - monotonic()) / 10
    const still: (boolean | undefined)[] = leases.map(() => undefined)
    const entries = leases.entries()
    let trouble: unknown
    // A row that somebody has locked keeps one of these waiting, and not the leases of all others.
    const extendNext = async (): Promise<void> => {
      for (const [index, lease] of entries) {
        try {
          still[index] = await this.#extend(lease, { deadline })
        } catch (error) {
          trouble = error
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, extendNext))
    if (still.every((one) => one === undefined)) throw trouble
    return still
  }

  release(owner: LockOwner, call: Call): Promise<boolean> {
    return this.#change(this.#statements.release, owner, call)
  }

  inspect(name: string, call: Call): Promise<LockInspection> {
    const { inspect } = this.#statements
    return this.#database.run(reads, call, async (session) => {
      const [row] = await session.rows(inspect.sql, inspect.values({ name: Buffer.from(name) }))
      if (row === undefined) return { held: false, token: 0, expiresIn: 0 }
      return { held: true, token: Number(row['token']), expiresIn: Number(row['expiresIn']) }
    })
  }

  listen(listener: LockListener): void {
    this.#listener = listener
  }

  close(): void {
    this.#polls.close()
  }

  async #ask(request: AcquireRequest, call: Call): Promise<AcquireAnswer> {
    const { ttl, wait, reserve } = request
    const { sql, values } = this.#statements.acquire
    for (;;) {
      const said = await this.#database.run(repeats, call, async (session) => {
        const { insertId } = await session.execute(
          sql,
          values({
            ...keysOf(request),
            client: this.#client,
            due: this.#clock.dueAt(call.deadline),
            ttl: micros(ttl),
            reserve: BigInt(reserve),
            wants: wait > 0 ? 1n : 0n,
          }),
        )
        // It came too late, by a clock that may have been set.
        if (Number(insertId) === 0) await this.#clock.learn(session)
        return Number(insertId)
      })
      if (said >= leastToken) return { granted: true, token: said, expiresIn: ttl }
      if (said > 0) return { granted: false, expiresIn: Math.ceil(said / 1_000), place: 0 }
      if (monotonic() >= call.deadline) throw this.#database.unavailable(new Error('the request came too late'))
    }
  }

  #extend(lease: ExtendRequest, call: Call): Promise<boolean> {
    const { sql, values } = this.#statements.extend
    return this.#database.run(repeats, call, async (session) =>
      matches(await session.execute(sql, values({ ...keysOf(lease), ttl: micros(lease.ttl) }))),
    )
  }

  #change(statement: Named<'name' | 'owner'>, owner: LockOwner, call: Call): Promise<boolean> {
    return this.#database.run(repeats, call, async (session) =>
      matches(await session.execute(statement.sql, statement.values(keysOf(owner)))),
    )
  }
}

function keysOf({ name, owner }: LockOwner): { name: Buffer; owner: Buffer } {
  return { name: Buffer.from(name), owner: Buffer.from(owner) }
}
