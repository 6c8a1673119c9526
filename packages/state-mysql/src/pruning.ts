import { monotonic } from '@lockstep/state'
import { type Database, repeats } from './database.ts'
import { matches } from './session.ts'
import { hour, now, type Tables, wellBefore } from './sql.ts'

/** Milliseconds between two looks of a process, and microseconds between two prunings by whichever process. */
const interval = { look: 60_000, prune: 300_000_000 }
/** Rows of one statement: it keeps their locks. */
const batch = 500
/** Milliseconds that one statement may take. */
const patience = 5_000
const day = 24 * hour
/** The hour that it was so many microseconds ago. */
const hourBefore = (time: number): string => `(${now} - ${time}) DIV ${hour}`

/**
 * Deletes what is over, in small batches, by primary key or by the index of its end. The process that first notices that it is time does it, once for all of them.
 * What is over counts as absent without it. Rows stay for a day after their end, so that the fence marks of a resource outlive it by that.
 */
export class Pruning {
  readonly #database: Database
  readonly #claim: string
  readonly #deletions: readonly string[]
  readonly #timer: NodeJS.Timeout
  #under: Promise<void> | undefined
  #closed = false

  constructor(database: Database, { meta, locks, counters, entries, fences, operations }: Tables) {
    this.#database = database
    this.#claim = `UPDATE ${meta} SET pruned_us = ${now} WHERE id = 1 AND pruned_us < ${now} - ${interval.prune}`
    this.#deletions = [
      // What was released has 0 for its end, and may have been in use until just now.
      `DELETE FROM ${locks} WHERE last_hour < ${hourBefore(day)} AND expires_us < ${now} ORDER BY last_hour LIMIT ${batch}`,
      // What was deleted has an end that is earlier than its deletion.
      `DELETE FROM ${counters} WHERE end_hour < ${hourBefore(day + wellBefore)} ORDER BY end_hour LIMIT ${batch}`,
      `DELETE FROM ${entries} WHERE end_hour < ${hourBefore(day + wellBefore)} AND tombstone_us < ${now} ORDER BY end_hour LIMIT ${batch}`,
      `DELETE FROM ${operations} WHERE expires_us < ${now} ORDER BY expires_us LIMIT ${batch}`,
      // A mark is touched again within an hour of its use.
      `DELETE FROM ${fences} WHERE touched_us < ${now} - ${day + hour} AND (resource LIKE 'r%' OR ${gone('c', counters)} OR ${gone('e', entries)}) LIMIT ${batch}`,
    ]
    // At a time of its own for each process.
    this.#timer = setInterval(() => void this.prune(), interval.look * (0.5 + Math.random()))
    this.#timer.unref()
  }

  /** Delete what is over, if no process has lately. Never rejects: what is left is left to the next time. */
  prune(): Promise<void> {
    this.#under ??= this.#prune()
      .catch(() => {})
      .finally(() => (this.#under = undefined))
    return this.#under
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
  }

  async #prune(): Promise<void> {
    if (!(await this.#run(this.#claim)).matched) return
    for (const deletion of this.#deletions) {
      let deleted = batch
      while (deleted === batch && !this.#closed) deleted = (await this.#run(deletion)).affected
    }
  }

  #run(sql: string): Promise<{ matched: boolean; affected: number }> {
    return this.#database.run(repeats, { deadline: monotonic() + patience }, async (session) => {
      const result = await session.execute(sql, [])
      return { matched: matches(result), affected: result.affectedRows }
    })
  }
}

/** The marks of resources of this kind that are in their table no more. */
function gone(kind: string, table: string): string {
  return `(resource LIKE '${kind}%' AND NOT EXISTS (SELECT 1 FROM ${table} WHERE name = SUBSTRING(resource, 2)))`
}
