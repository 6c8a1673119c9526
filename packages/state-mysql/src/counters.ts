import {
  type AddAllOutcome,
  type AddAllRequest,
  type Call,
  type ChangeList,
  type CounterChange,
  type CounterOutcome,
  type CounterStore,
  errorFrom,
  type Failure,
  type Fence,
  isFailure,
  isStateError,
  outOfRange,
  type Turn,
} from '@lockstep/state'
import { CounterChanges, isWithinBounds } from './counter-changes.ts'
import { CounterEnds } from './counter-ends.ts'
import { planFor } from './counter-plans.ts'
import { type LockedRows, lockRows, writeRows } from './counter-rows.ts'
import { type Database, once, reads, repeats } from './database.ts'
import { Marks } from './fences.ts'
import { GatheredReads } from './gathered.ts'
import { Operations } from './operations.ts'
import { matches, type Session } from './session.ts'
import { listOf, now, type Tables } from './sql.ts'

type Outcomes = (CounterOutcome | Failure)[]

export interface CounterStoreOptions {
  readonly database: Database
  readonly tables: Tables
  /** Milliseconds. */
  readonly operationRetention: number
  readonly turn: Turn
}

/** A list of plain additions to a counter that is there is one statement; every other list is one transaction, on the locked row of its counter. */
export class MysqlCounters implements CounterStore {
  readonly #database: Database
  readonly #tables: Tables
  readonly #retention: number
  readonly #ends = new CounterEnds()
  readonly #reads: GatheredReads<number>

  constructor({ database, tables, operationRetention, turn }: CounterStoreOptions) {
    this.#database = database
    this.#tables = tables
    this.#retention = operationRetention
    this.#reads = new GatheredReads(turn, (names, call) =>
      database.run(reads, call, (session) => this.#read(session, names)),
    )
  }

  async apply({ name, changes }: ChangeList<CounterChange>, call: Call): Promise<Outcomes> {
    return (await this.#byStatement(name, changes, call)) ?? (await this.#byTransaction(name, changes, call))
  }

  async applyAll(request: AddAllRequest, call: Call): Promise<AddAllOutcome> {
    const { changes, operationId } = request
    // As the database orders them, by their bytes in UTF-8; strings are compared in UTF-16.
    const sorted = {
      ...request,
      changes: changes.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))),
    }
    const work = operationId === undefined ? once : repeats
    const answer = await this.#database.run(work, call, (session) =>
      session.transaction(() => this.#addAllOnce(session, sorted)),
    )
    if (isFailure(answer)) throw errorFrom(answer)
    const byName = new Map(sorted.changes.map(({ name }, index) => [name, answer.values[index] ?? 0]))
    return { applied: answer.applied, values: changes.map(({ name }) => byName.get(name) ?? 0) }
  }

  async read(name: string, fence: Fence | undefined, call: Call): Promise<number> {
    if (fence === undefined) return (await this.#reads.read(name, call)) ?? 0
    // Raising a mark twice is raising it once.
    return this.#database.run(repeats, call, (session) =>
      session.transaction(async () => {
        const locked = await lockRows(session, this.#tables, [name])
        const marks = await Marks.read(session, this.#tables, 'counter', name, locked.now)
        const refusal = marks.pass(fence)
        if (refusal !== undefined) throw errorFrom(refusal)
        await marks.write(session, this.#tables)
        return this.#evaluation(locked).value
      }),
    )
  }

  async #read(session: Session, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { marks, values } = listOf(names)
    const rows = await session.rows(
      `SELECT name, value FROM ${this.#tables.counters} FORCE INDEX (PRIMARY) WHERE name IN (${marks}) AND expires_us > ${now}`,
      values,
    )
    return new Map(rows.map(({ name, value }) => [String(name), Number(value)]))
  }

  /** `undefined`: it takes more than a statement, and nothing has been changed. */
  #byStatement(name: string, changes: readonly CounterChange[], call: Call): Promise<Outcomes | undefined> {
    const plan = planFor(name, changes, this.#tables)
    const end = this.#ends.of(name, changes.some(hasTtl))
    if (plan === undefined || end === undefined) return Promise.resolve(undefined)
    return this.#database.run(once, call, async (session) => {
      const result = await session.execute(plan.sql, [...plan.values, Buffer.from(name), end.at])
      if (matches(result)) return plan.outcomesFrom(Number(BigInt.asIntN(64, BigInt(result.insertId))), end.expiresIn)
      this.#ends.forget(name)
      return undefined
    })
  }

  async #byTransaction(name: string, changes: readonly CounterChange[], call: Call): Promise<Outcomes> {
    const identified = changes.filter((change) => operationIdOf(change) !== undefined)
    try {
      return await this.#change(name, changes, identified.length === changes.length, call)
    } catch (error) {
      if (!isStateError(error) || error.code !== 'LOCKSTEP_OUTCOME_UNKNOWN' || identified.length === 0) throw error
      // Those that are on record can be asked for again; of the others nobody knows.
      const { code, message } = error
      const answers = (await this.#change(name, identified, true, call)).values()
      return changes.map((change) =>
        operationIdOf(change) === undefined ? { code, message } : (answers.next().value ?? { code, message }),
      )
    }
  }

  async #change(name: string, changes: readonly CounterChange[], repeatable: boolean, call: Call): Promise<Outcomes> {
    const { outcomes, row, at } = await this.#database.run(repeatable ? repeats : once, call, (session) =>
      session.transaction(async () => {
        const locked = await lockRows(session, this.#tables, [name])
        const marks = changes.some(({ fence }) => fence !== undefined)
          ? await Marks.read(session, this.#tables, 'counter', name, locked.now)
          : undefined
        const ids = changes.flatMap((change) => operationIdOf(change) ?? [])
        const operations = await this.#operations(session, [name], ids, locked)
        const evaluation = this.#evaluation(locked, marks, operations)
        const made = changes.map((change) => evaluation.make(change))
        await writeRows(session, this.#tables, locked.rows)
        await marks?.write(session, this.#tables)
        await operations?.write(session, this.#tables, locked.now, this.#retention)
        return { outcomes: made, row: evaluation.row, at: locked.now }
      }),
    )
    this.#ends.learn(name, row.expires, at)
    return outcomes
  }

  async #addAllOnce(
    session: Session,
    { changes, operationId, fence }: AddAllRequest,
  ): Promise<AddAllOutcome | Failure> {
    const names = changes.map(({ name }) => name)
    const locked = await lockRows(session, this.#tables, names)
    if (operationId === undefined) return this.#addAll(session, changes, fence, locked)
    const operations = await Operations.read(session, this.#tables, names, [operationId], locked.now)
    const known = operations.recall('addAll', changes, operationId)
    if (known !== undefined) return known as AddAllOutcome | Failure
    const answer = await this.#addAll(session, changes, fence, locked)
    // That a newer holder was there says nothing about the operation.
    if (isFailure(answer) && answer.code === 'LOCKSTEP_STALE_TOKEN') return answer
    operations.record('addAll', changes, operationId, answer)
    await operations.write(session, this.#tables, locked.now, this.#retention)
    return answer
  }

  /** Every name is judged before any is changed. */
  async #addAll(
    session: Session,
    changes: AddAllRequest['changes'],
    fence: Fence | undefined,
    locked: LockedRows,
  ): Promise<AddAllOutcome | Failure> {
    if (fence !== undefined) {
      const marks: Marks[] = []
      for (const { name } of changes) marks.push(await Marks.read(session, this.#tables, 'counter', name, locked.now))
      const refusal = marks.map((one) => one.judge(fence)).find((judgement) => judgement !== undefined)
      if (refusal !== undefined) return refusal
      for (const one of marks) {
        one.pass(fence)
        await one.write(session, this.#tables)
      }
    }
    const evaluations = locked.rows.map((row) => new CounterChanges(row, locked.now))
    const values = evaluations.map(({ value }) => value)
    let fits = true
    for (const [index, change] of changes.entries()) {
      const value = values[index] ?? 0
      const sum = value + change.delta
      if (!Number.isSafeInteger(sum)) return outOfRange(change.name, value, change.delta)
      fits &&= isWithinBounds(sum, change)
    }
    if (!fits) return { applied: false, values }
    for (const [index, change] of changes.entries()) evaluations[index]?.make({ kind: 'add', ...change })
    await writeRows(session, this.#tables, locked.rows)
    return { applied: true, values: evaluations.map(({ value }) => value) }
  }

  async #operations(
    session: Session,
    names: readonly string[],
    ids: readonly string[],
    locked: LockedRows,
  ): Promise<Operations | undefined> {
    return ids.length === 0 ? undefined : Operations.read(session, this.#tables, names, ids, locked.now)
  }

  #evaluation({ rows, now: at }: LockedRows, marks?: Marks, operations?: Operations): CounterChanges {
    const [row] = rows
    if (row === undefined) throw new Error('a row that was locked is gone')
    return new CounterChanges(row, at, marks, operations)
  }
}

function hasTtl(change: CounterChange): boolean {
  return change.kind === 'add' && change.ttl !== undefined
}

function operationIdOf(change: CounterChange): string | undefined {
  return change.kind === 'add' ? change.operationId : undefined
}
