import { monotonic } from '@lockstep/state'
import type { Session } from './session.ts'
import { now } from './sql.ts'

/** The wall clock of the database, as far as it is known here: good enough to tell a request that is seconds late. */
export class Clock {
  /** Milliseconds between `monotonic()` and the database's time. */
  #offset = 0

  async learn(session: Session): Promise<void> {
    const sentAt = monotonic()
    const [row] = await session.rows(`SELECT ${now} AS now`, [])
    this.#offset = Number(row?.['now']) / 1_000 - (sentAt + monotonic()) / 2
  }

  /** When a deadline on `monotonic()` has come for the database, in its microseconds. */
  dueAt(deadline: number): bigint {
    return BigInt(Math.floor((deadline + this.#offset) * 1_000))
  }
}
