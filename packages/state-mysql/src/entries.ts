import {
  type Call,
  type ChangeList,
  type EntryChange,
  type EntryOutcome,
  type EntryStore,
  type EntryValue,
  errorFrom,
  type Failure,
  type Fence,
  type Turn,
} from '@lockstep/state'
import { type Database, once, reads, repeats } from './database.ts'
import { EntryChanges } from './entry-changes.ts'
import { EntryStatements } from './entry-statements.ts'
import { Marks } from './fences.ts'
import { GatheredReads } from './gathered.ts'
import type { Row, Session } from './session.ts'
import { listOf, never, now, type Tables } from './sql.ts'

type Outcomes = readonly (EntryOutcome | Failure)[]

export interface EntryStoreOptions {
  readonly database: Database
  readonly tables: Tables
  readonly turn: Turn
}

/** A single change without a fence is one statement; every other list is one transaction, on the locked row of its entry. */
export class MysqlEntries implements EntryStore {
  readonly #database: Database
  readonly #tables: Tables
  readonly #statements: EntryStatements
  readonly #reads: GatheredReads<EntryValue>

  constructor({ database, tables, turn }: EntryStoreOptions) {
    this.#database = database
    this.#tables = tables
    this.#statements = new EntryStatements(tables)
    this.#reads = new GatheredReads(turn, (names, call) =>
      database.run(reads, call, (session) => this.#read(session, names)),
    )
  }

  async apply({ name, changes }: ChangeList<EntryChange>, call: Call): Promise<Outcomes> {
    const [change] = changes
    if (change !== undefined && changes.length === 1 && change.fence === undefined) {
      const outcome = await this.#byStatement(name, change, call)
      if (outcome !== undefined) return [outcome]
    }
    return this.#database.run(once, call, (session) =>
      session.transaction(async () => {
        const entry = await EntryChanges.lock(session, this.#tables, name)
        const marks = changes.some(({ fence }) => fence !== undefined)
          ? await Marks.read(session, this.#tables, 'entry', name, entry.now)
          : undefined
        const outcomes = changes.map((one) => entry.make(one, marks))
        await entry.write(session, this.#tables)
        await marks?.write(session, this.#tables)
        return outcomes
      }),
    )
  }

  async read(name: string, fence: Fence | undefined, call: Call): Promise<EntryValue | null> {
    if (fence === undefined) return (await this.#reads.read(name, call)) ?? null
    // Raising a mark twice is raising it once.
    return this.#database.run(repeats, call, (session) =>
      session.transaction(async () => {
        const entry = await EntryChanges.lock(session, this.#tables, name)
        const marks = await Marks.read(session, this.#tables, 'entry', name, entry.now)
        const refusal = marks.pass(fence)
        if (refusal !== undefined) throw errorFrom(refusal)
        await marks.write(session, this.#tables)
        return (await this.#read(session, [name])).get(name) ?? null
      }),
    )
  }

  #byStatement(name: string, change: EntryChange, call: Call): Promise<EntryOutcome | undefined> {
    const { sql, values, outcomeFrom } = this.#statements.for(name, change)
    return this.#database.run(once, call, async (session) => outcomeFrom(await session.execute(sql, values)))
  }

  async #read(session: Session, names: readonly string[]): Promise<ReadonlyMap<string, EntryValue>> {
    const { marks, values } = listOf(names)
    const rows = await session.rows(
      `SELECT name, value, version, IF(expires_us = ${never}, NULL, CEILING((expires_us - ${now}) / 1000)) AS expiresIn
FROM ${this.#tables.entries} FORCE INDEX (PRIMARY) WHERE name IN (${marks}) AND expires_us > ${now}`,
      values,
    )
    return new Map(rows.map((row) => [String(row['name']), valueOf(row)]))
  }
}

function valueOf({ value, version, expiresIn }: Row): EntryValue {
  return { value: String(value), version: Number(version), expiresIn: expiresIn === null ? null : Number(expiresIn) }
}
