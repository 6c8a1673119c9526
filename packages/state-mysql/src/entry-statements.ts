import type { EntryChange, EntryOutcome } from '@lockstep/state'
import { matches, type Result, type Value } from './session.ts'
import { micros, named, type Named, never, now, type Tables, wellBefore } from './sql.ts'

/** A single change without a fence, as one statement. */
export interface EntryStatement {
  readonly sql: string
  readonly values: readonly Value[]
  /** What its result says; `undefined`: nothing was changed, and more than a statement is needed to say why. */
  readonly outcomeFrom: (result: Result) => EntryOutcome | undefined
}

/** Added to what LAST_INSERT_ID says when nothing was changed: greater than any version. */
const refused = 2n ** 60n

const nextVersion = `LAST_INSERT_ID(GREATEST(version + 1, ${now}))`
const over = `${now} - ${wellBefore}`
const refusal = `version + 0 * LAST_INSERT_ID(${refused} + IF(expires_us > ${now}, version, 0))`

/** The end that a lifetime has, which is negative where there is none. */
const ends = (time: string): string => `IF(${time} < 0, ${never}, ${now} + ${time})`

/**
 * Assignments are made from left to right, each seeing those before it, so that their order matters:
 * https://dev.mysql.com/doc/refman/8.4/en/insert-on-duplicate.html
 */
export class EntryStatements {
  readonly #create: Named<'name' | 'value' | 'ttl' | 'maxLifetime'>
  readonly #write: Named<'name' | 'value' | 'ttl' | 'maxLifetime'>
  readonly #replace: Named<'name' | 'value' | 'ttl' | 'ifVersion'>
  readonly #touch: Named<'name' | 'ttl'>
  readonly #delete: Named<'name'>
  readonly #bury: Named<'name' | 'tombstone'>

  constructor({ entries }: Tables) {
    this.#create = named(upsert(entries, `tombstone_us <= ${now} AND expires_us <= ${now}`))
    this.#write = named(upsert(entries, `tombstone_us <= ${now}`))
    this.#replace = named(`UPDATE ${entries}
SET value = :value, version = ${nextVersion}, expires_us = LEAST(${ends('#ttl')}, ends_us)
WHERE name = :name AND version = #ifVersion AND expires_us > ${now} AND tombstone_us <= ${now}`)
    this.#touch = named(`UPDATE ${entries}
SET version = LAST_INSERT_ID(version), expires_us = LEAST(${now} + #ttl, ends_us) WHERE name = :name AND expires_us > ${now}`)
    this.#delete = named(
      `UPDATE ${entries} SET value = NULL, expires_us = ${over} WHERE name = :name AND expires_us > ${now}`,
    )
    this.#bury = named(`INSERT INTO ${entries} (name, value, version, expires_us, tombstone_us)
VALUES (:name, NULL, LAST_INSERT_ID(0), ${over}, ${now} + #tombstone)
ON DUPLICATE KEY UPDATE
  value = NULL,
  version = version + 0 * LAST_INSERT_ID(IF(expires_us > ${now}, 1, 0)),
  expires_us = LEAST(expires_us, ${over}),
  tombstone_us = GREATEST(tombstone_us, ${now} + #tombstone)`)
  }

  for(name: string, change: EntryChange): EntryStatement {
    const key = Buffer.from(name)
    switch (change.kind) {
      case 'set': {
        const { value, ttl, maxLifetime, ifVersion = -1 } = change
        const given = { name: key, value: Buffer.from(value), ttl: lifetime(ttl), maxLifetime: lifetime(maxLifetime) }
        if (ifVersion > 0) {
          return statement(this.#replace, { ...given, ifVersion: BigInt(ifVersion) }, (result) =>
            matches(result) ? { applied: true, version: Number(result.insertId) } : undefined,
          )
        }
        return statement(ifVersion === 0 ? this.#create : this.#write, given, ({ insertId }) => {
          const said = BigInt(insertId)
          return { applied: said < refused, version: Number(said < refused ? said : said - refused) }
        })
      }
      case 'touch':
        return statement(this.#touch, { name: key, ttl: micros(change.ttl) }, (result) =>
          matches(result) ? { applied: true, version: Number(result.insertId) } : { applied: false, version: 0 },
        )
      case 'delete':
        // With a tombstone, which stays whether there was an entry or not.
        return change.tombstone === undefined
          ? statement(this.#delete, { name: key }, (result) => ({ applied: matches(result), version: 0 }))
          : statement(this.#bury, { name: key, tombstone: micros(change.tombstone) }, ({ insertId }) => ({
              applied: Number(insertId) === 1,
              version: 0,
            }))
    }
  }
}

/** Where there is a row it is written over if `takes`; else it says its version. */
function upsert(entries: string, takes: string): string {
  return `INSERT INTO ${entries} (name, value, version, ends_us, expires_us)
VALUES (:name, :value, LAST_INSERT_ID(${now}), ${ends('#maxLifetime')}, LEAST(${ends('#maxLifetime')}, ${ends('#ttl')}))
ON DUPLICATE KEY UPDATE
  value = IF(${takes}, :value, value),
  ends_us = IF(expires_us <= ${now} AND ${takes}, ${ends('#maxLifetime')}, ends_us),
  version = IF(${takes}, ${nextVersion}, ${refusal}),
  expires_us = IF(${takes}, LEAST(${ends('#ttl')}, ends_us), expires_us)`
}

function statement<Name extends string>(
  { sql, values }: Named<Name>,
  given: Readonly<Record<Name, Value>>,
  outcomeFrom: EntryStatement['outcomeFrom'],
): EntryStatement {
  return { sql, values: values(given), outcomeFrom }
}

function lifetime(milliseconds: number | undefined): bigint {
  return milliseconds === undefined ? -1n : micros(milliseconds)
}
