import { type CounterChange, type CounterOutcome, type Failure, outOfRange } from '@lockstep/state'
import { type Addition, isWithinBounds } from './counter-changes.ts'
import { now, type Tables, whole } from './sql.ts'

const least = Number.MIN_SAFE_INTEGER
const greatest = Number.MAX_SAFE_INTEGER

/** One statement that makes a list of changes, and what follows from the value that it found. Its last values are the name and the end that the counter has. */
export interface Plan {
  readonly sql: string
  readonly values: readonly bigint[]
  /** `undefined`: the statement has changed nothing, and more than a statement is needed. `expiresIn` as the outcomes have it. */
  outcomesFrom(before: number, expiresIn: number | null): (CounterOutcome | Failure)[] | undefined
}

/**
 * What stands before is kept for the answer: https://dev.mysql.com/doc/refman/8.4/en/information-functions.html#function_last-insert-id. The outer cast because
 * the function is unsigned.
 */
const before = 'CAST(LAST_INSERT_ID(value) AS SIGNED)'

/** The end is named because the answer tells it, and one statement cannot. */
const where = `WHERE name = ? AND expires_us = ${whole} AND expires_us > ${now}`

/** The plan for a list of plain additions to a counter that is there; `undefined`: there is none. */
export function planFor(name: string, changes: readonly CounterChange[], { counters }: Tables): Plan | undefined {
  if (!changes.every(isPlain)) return undefined
  const [first] = changes
  if (first === undefined) return undefined
  const alike = changes.every(({ delta, min, max }) => delta === first.delta && min === first.min && max === first.max)
  if (alike && changes.length > 1 && first.delta !== 0) {
    const { sql, values } = asManyAsFit(first, changes.length)
    return {
      sql: `UPDATE ${counters} SET value = ${before} + ${sql} ${where}`,
      values,
      outcomesFrom: (found, expiresIn) => oneAfterAnother(name, changes, found, expiresIn),
    }
  }
  const { low, high, total } = allOrNone(changes)
  return {
    sql: `UPDATE ${counters} SET value = ${before} + IF(value BETWEEN ${whole} AND ${whole}, ${whole}, 0) ${where}`,
    values: [low, high, total],
    outcomesFrom: (found, expiresIn) => {
      // A single change is made or it is not; of several, some may be.
      const settled = changes.length === 1 || (low <= BigInt(found) && BigInt(found) <= high)
      return settled ? oneAfterAnother(name, changes, found, expiresIn) : undefined
    },
  }
}

/** A `ttl` matters to a counter that is not there yet, and to no other. */
function isPlain(change: CounterChange): change is Addition {
  return change.kind === 'add' && change.fence === undefined && change.operationId === undefined
}

/** As many of `count` equal additions as stay within the bounds. The first has to cross neither; after that only the one ahead can be in the way. */
function asManyAsFit({ delta, min, max }: Addition, count: number): { sql: string; values: bigint[] } {
  const low = BigInt(Math.max(min ?? least, least))
  const high = BigInt(Math.min(max ?? greatest, greatest))
  const step = BigInt(Math.abs(delta))
  const most = `LEAST(${whole}, GREATEST(0, IF(%s) DIV ${whole}))`
  return delta > 0
    ? {
        sql: `${most.replace('%s', `value + ${whole} < ${whole}, 0, ${whole} - value`)} * ${whole}`,
        values: [BigInt(count), step, low, high, step, step],
      }
    : {
        sql: `${most.replace('%s', `value - ${whole} > ${whole}, 0, value - ${whole}`)} * ${whole}`,
        values: [BigInt(count), step, high, low, step, -step],
      }
}

/** From which values all of the changes can be made, and what they come to. */
function allOrNone(changes: readonly Addition[]): { low: bigint; high: bigint; total: bigint } {
  let total = 0n
  let low = BigInt(least)
  let high = BigInt(greatest)
  for (const { delta, min, max } of changes) {
    total += BigInt(delta)
    const lowest = BigInt(Math.max(min ?? least, least)) - total
    const highest = BigInt(Math.min(max ?? greatest, greatest)) - total
    if (lowest > low) low = lowest
    if (highest < high) high = highest
  }
  return { low, high, total }
}

function oneAfterAnother(
  name: string,
  changes: readonly Addition[],
  found: number,
  expiresIn: number | null,
): (CounterOutcome | Failure)[] {
  let value = found
  return changes.map((change) => {
    const sum = value + change.delta
    if (!Number.isSafeInteger(sum)) return outOfRange(name, value, change.delta)
    const applied = isWithinBounds(sum, change)
    if (applied) value = sum
    return { applied, value, expiresIn }
  })
}
