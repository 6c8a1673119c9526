import type { Value } from './session.ts'

/** Pieces of SQL that all statements share. Times in the database are whole microseconds since 1970, by the database's clock, which is read once for each statement. */

/** `UNIX_TIMESTAMP(NOW(6))` would be an hour off when the clocks of a time zone go back (MariaDB 10.11), and a `DATETIME` ambiguous. */
export const now = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))"

/** Stands for no end. Greater than any time, and within the signed range. */
export const never = '9000000000000000000'

/** Microseconds. */
export const hour = 3_600_000_000

/**
 * Microseconds before its deletion that something has its end when it is deleted. A statement that began earlier and has waited for the row goes by the time at
 * which it began (of a passed pool 50 s ago, as innodb_lock_wait_timeout has it): it must not take for alive what is gone, or it would revive it.
 */
export const wellBefore = 60_000_000

/** A parameter that is a whole number: without the cast a driver may send it as text or as a floating-point number, and arithmetic turn inexact. */
export const whole = 'CAST(? AS SIGNED)'

/**
 * Names as the parameters of an `IN (…)`. There are as many as the next power of two, the last name repeated, so that few statements of different length have to be
 * prepared.
 */
export function listOf(names: readonly string[]): { readonly marks: string; readonly values: Buffer[] } {
  const size = 2 ** Math.ceil(Math.log2(names.length))
  const values = Array.from({ length: size }, (_, index) => Buffer.from(names[Math.min(index, names.length - 1)] ?? ''))
  return { marks: values.map(() => '?').join(', '), values }
}

/** A statement whose parameters have names and may stand several times: `:name` for bytes, `#name` for a whole number. */
export interface Named<Name extends string> {
  readonly sql: string
  readonly values: (given: Readonly<Record<Name, Value>>) => Value[]
}

export function named<Name extends string>(text: string): Named<Name> {
  const order: Name[] = []
  const sql = text.replace(/([:#])([a-z]\w*)/gi, (_, mark: string, name: Name) => {
    order.push(name)
    return mark === '#' ? whole : '?'
  })
  return { sql, values: (given) => order.map((name) => given[name]) }
}

/** Names of tables, quoted. */
export interface Tables {
  readonly meta: string
  readonly locks: string
  readonly counters: string
  readonly entries: string
  readonly fences: string
  readonly operations: string
}

/** `prefix` has been checked. */
export function tablesOf(prefix: string): Tables {
  const table = (name: string): string => `\`${prefix}${name}\``
  return {
    meta: table('meta'),
    locks: table('locks'),
    counters: table('counters'),
    entries: table('entries'),
    fences: table('fences'),
    operations: table('operations'),
  }
}

/** A duration in milliseconds as microseconds, exact. */
export function micros(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1_000))
}
