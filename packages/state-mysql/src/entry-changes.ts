import type { EntryChange, EntryOutcome, Failure } from '@lockstep/state'
import type { Marks } from './fences.ts'
import type { Session } from './session.ts'
import { never, now, type Tables, wellBefore, whole } from './sql.ts'

type SetChange = Extract<EntryChange, { kind: 'set' }>

/** An entry as a transaction has read and locked it. Times are microseconds since 1970, `Infinity`: no end. */
interface EntryRow {
  /** As far as it has been set here; what stands in the table is not read. */
  value: string | null | undefined
  version: number
  expires: number
  ends: number
  tombstone: number
}

/** Evaluates changes of one entry, one after another, on its locked row. */
export class EntryChanges {
  readonly #name: Buffer
  readonly #row: EntryRow
  /** By the database, in microseconds since 1970. */
  readonly now: number
  #changed = false

  private constructor(name: Buffer, row: EntryRow, at: number) {
    this.#name = name
    this.#row = row
    this.now = at
  }

  /** Lock the row; one that is missing is made, as one that is over. */
  static async lock(session: Session, { entries }: Tables, name: string): Promise<EntryChanges> {
    const key = Buffer.from(name)
    const select = `SELECT version, expires_us AS expires, ends_us AS ends, tombstone_us AS tombstone, ${now} AS now FROM ${entries} WHERE name = ? FOR UPDATE`
    let [row] = await session.rows(select, [key])
    if (row === undefined) {
      await session.execute(
        `INSERT INTO ${entries} (name, value, version, expires_us) VALUES (?, NULL, 0, 0) ON DUPLICATE KEY UPDATE name = name`,
        [key],
      )
      ;[row] = await session.rows(select, [key])
    }
    if (row === undefined) throw new Error('a row that was locked is gone')
    return new EntryChanges(
      key,
      {
        value: undefined,
        version: Number(row['version']),
        expires: timeOf(row['expires']),
        ends: timeOf(row['ends']),
        tombstone: Number(row['tombstone']),
      },
      Number(row['now']),
    )
  }

  make(change: EntryChange, marks: Marks | undefined): EntryOutcome | Failure {
    return marks?.pass(change.fence) ?? this.#make(change)
  }

  async write(session: Session, { entries }: Tables): Promise<void> {
    if (!this.#changed) return
    const { value, version, expires, ends, tombstone } = this.#row
    const values = [version, expires, ends, tombstone].map(numberOf)
    const columns = `version = ${whole}, expires_us = ${whole}, ends_us = ${whole}, tombstone_us = ${whole}`
    if (value === undefined) {
      await session.execute(`UPDATE ${entries} SET ${columns} WHERE name = ?`, [...values, this.#name])
      return
    }
    const bytes = value === null ? null : Buffer.from(value)
    await session.execute(`UPDATE ${entries} SET value = ?, ${columns} WHERE name = ?`, [bytes, ...values, this.#name])
  }

  get #live(): boolean {
    return this.#row.expires > this.now
  }

  /** 0: there is none. */
  get #version(): number {
    return this.#live ? this.#row.version : 0
  }

  #make(change: EntryChange): EntryOutcome {
    if (change.kind === 'set') return this.#set(change)
    const there = this.#live
    if (change.kind === 'touch') {
      if (there) this.#change({ expires: Math.min(this.#after(change.ttl), this.#row.ends) })
      return { applied: there, version: this.#version }
    }
    if (change.tombstone !== undefined) {
      this.#change({ tombstone: Math.max(this.#row.tombstone, this.#after(change.tombstone)) })
    }
    if (there) this.#change({ value: null, expires: this.now - wellBefore })
    return { applied: there, version: 0 }
  }

  #set({ value, ttl, maxLifetime, ifVersion }: SetChange): EntryOutcome {
    const present = this.#version
    if (ifVersion !== undefined && ifVersion !== present) return { applied: false, version: present }
    if (this.#row.tombstone > this.now) return { applied: false, version: 0 }
    const version = Math.max(this.#row.version + 1, this.now)
    const ends = this.#live ? this.#row.ends : this.#after(maxLifetime)
    this.#change({ value, version, ends, expires: Math.min(this.#after(ttl), ends) })
    return { applied: true, version }
  }

  #change(fields: Partial<EntryRow>): void {
    Object.assign(this.#row, fields)
    this.#changed = true
  }

  #after(milliseconds: number | undefined): number {
    return milliseconds === undefined ? Infinity : this.now + Math.round(milliseconds * 1_000)
  }
}

function timeOf(value: unknown): number {
  const time = Number(value)
  return time >= Number(never) ? Infinity : time
}

function numberOf(time: number): bigint {
  return time === Infinity ? BigInt(never) : BigInt(time)
}
