import type { Session } from './session.ts'
import { never, now, type Tables, whole } from './sql.ts'

/** A counter as a transaction has read and locked it. `value` counts only while `expires` has not come. */
export interface CounterRow {
  readonly name: string
  value: number
  /** Microseconds since 1970; `Infinity`: no end. */
  expires: number
  changed: boolean
}

export interface LockedRows {
  /** In the order of the names. */
  readonly rows: readonly CounterRow[]
  /** Microseconds since 1970, by the database. */
  readonly now: number
}

/** Lock the rows of these counters, which are in the order of their names: whoever locks several does so in the same order. A row that is missing is made, as one that is over. */
export async function lockRows(session: Session, tables: Tables, names: readonly string[]): Promise<LockedRows> {
  const found = await read(session, tables, names)
  if (found.rows.length === names.length) return found
  const there = new Set(found.rows.map(({ name }) => name))
  for (const name of names) {
    // Takes the lock of the row whether it makes it or not; INSERT IGNORE would take a shared one, and two of those would wait for each other.
    if (!there.has(name)) {
      await session.execute(
        `INSERT INTO ${tables.counters} (name, value, expires_us) VALUES (?, 0, 0) ON DUPLICATE KEY UPDATE name = name`,
        [Buffer.from(name)],
      )
    }
  }
  return read(session, tables, names)
}

export async function writeRows(session: Session, tables: Tables, rows: readonly CounterRow[]): Promise<void> {
  for (const { name, value, expires, changed } of rows) {
    if (!changed) continue
    await session.execute(`UPDATE ${tables.counters} SET value = ${whole}, expires_us = ${whole} WHERE name = ?`, [
      BigInt(value),
      expires === Infinity ? BigInt(never) : BigInt(expires),
      Buffer.from(name),
    ])
  }
}

async function read(session: Session, { counters }: Tables, names: readonly string[]): Promise<LockedRows> {
  const columns = `name, value, expires_us AS expires, ${now} AS now`
  const [name] = names
  const rows =
    names.length === 1 && name !== undefined
      ? await session.rows(`SELECT ${columns} FROM ${counters} WHERE name = ? FOR UPDATE`, [Buffer.from(name)])
      : await session.text(
          `SELECT ${columns} FROM ${counters} FORCE INDEX (PRIMARY) WHERE name IN (?) ORDER BY name FOR UPDATE`,
          [names.map((one) => Buffer.from(one))],
        )
  return { rows: rows.map(rowOf), now: Number(rows[0]?.['now']) }
}

function rowOf({ name, value, expires }: Readonly<Record<string, unknown>>): CounterRow {
  const end = Number(expires)
  return { name: String(name), value: Number(value), expires: end >= Number(never) ? Infinity : end, changed: false }
}
