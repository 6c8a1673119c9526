import { type Call, type ConnectionHealth, monotonic } from '@lockstep/state'
import { type Database, reads } from './database.ts'
import { readDurability } from './durability.ts'

/** Settings are read again after this, in milliseconds. */
const settingsGoodFor = 60_000

/** How the server is, and what it keeps. */
export class Health {
  readonly #database: Database
  #settings: ConnectionHealth | undefined
  #readAt = 0

  constructor(database: Database) {
    this.#database = database
  }

  read(call: Call): Promise<ConnectionHealth> {
    return this.#database.run(reads, call, async (session) => {
      if (this.#settings === undefined || monotonic() - this.#readAt > settingsGoodFor) {
        this.#settings = await readDurability(session)
        this.#readAt = monotonic()
      } else {
        await session.query('DO 0')
      }
      return this.#settings
    })
  }
}
