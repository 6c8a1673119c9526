import { UnavailableError } from '@lockstep/state'
import { checkPrefix } from './options.ts'
import type { Session } from './session.ts'
import { hour, never, tablesOf, type Tables } from './sql.ts'

/** Of the tables as this file makes them. */
const version = 1

/** How long one process waits for another that is creating the tables, in seconds. */
const patience = 30

const table = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'

/** A whole hour since 1970. An index of it is for pruning alone, and need not be written each time a row is: an end moves with every touch, its hour does not. */
function hourOf(column: string): string {
  return `INT UNSIGNED AS (${column} DIV ${hour}) STORED`
}

/**
 * The statements that lead from one version to the next; the first leads from nothing to version 1. Each can be run again without harm, for DDL commits by itself:
 * who is interrupted leaves some of them done.
 *
 * Names are bytes (`VARBINARY`): whatever collation a database has, some names that differ are equal in it.
 */
function steps({ meta, locks, counters, entries, fences, operations }: Tables): readonly (readonly string[])[] {
  return [
    [
      // One row. pruned_us: when a process last began to delete what is over.
      `CREATE TABLE IF NOT EXISTS ${meta} (
  id TINYINT NOT NULL PRIMARY KEY,
  version INT NOT NULL,
  pruned_us BIGINT NOT NULL DEFAULT 0
) ${table}`,
      // A row stays when its lock is free, so that the token goes on growing. last_token: the highest that was given out or reserved. client: the process that has
      // the lock, or had it last; wanted_us: until then another one has asked for it; yields_us: until then it lets others have it first.
      `CREATE TABLE IF NOT EXISTS ${locks} (
  name VARBINARY(191) NOT NULL PRIMARY KEY,
  owner VARBINARY(191) NOT NULL,
  client VARBINARY(16) NOT NULL,
  token BIGINT NOT NULL,
  last_token BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  wanted_us BIGINT NOT NULL DEFAULT 0,
  yields_us BIGINT NOT NULL DEFAULT 0,
  last_hour ${hourOf('last_token')},
  KEY by_use (last_hour)
) ${table}`,
      // Rows outlive their end by a day, as the marks of their fences do.
      `CREATE TABLE IF NOT EXISTS ${counters} (
  name VARBINARY(191) NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL,
  expires_us BIGINT NOT NULL DEFAULT ${never},
  end_hour ${hourOf('expires_us')},
  KEY by_end (end_hour)
) ${table}`,
      // value NULL: deleted, and until tombstone_us nobody may set it.
      `CREATE TABLE IF NOT EXISTS ${entries} (
  name VARBINARY(191) NOT NULL PRIMARY KEY,
  value MEDIUMBLOB NULL,
  version BIGINT NOT NULL,
  expires_us BIGINT NOT NULL DEFAULT ${never},
  ends_us BIGINT NOT NULL DEFAULT ${never},
  tombstone_us BIGINT NOT NULL DEFAULT 0,
  end_hour ${hourOf('expires_us')},
  KEY by_end (end_hour)
) ${table}`,
      // The highest token that a resource ('c' or 'e', and the name of a counter or an entry; 'r', and one of a user) has seen of each lock.
      `CREATE TABLE IF NOT EXISTS ${fences} (
  resource VARBINARY(192) NOT NULL,
  lock_name VARBINARY(191) NOT NULL,
  token BIGINT NOT NULL,
  touched_us BIGINT NOT NULL,
  PRIMARY KEY (resource, lock_name),
  KEY by_touch (touched_us)
) ${table}`,
      // A call with an operationId, under each of its names: what it asked for and what it was answered.
      `CREATE TABLE IF NOT EXISTS ${operations} (
  name VARBINARY(191) NOT NULL,
  id VARBINARY(191) NOT NULL,
  request MEDIUMBLOB NOT NULL,
  answer MEDIUMBLOB NOT NULL,
  expires_us BIGINT NOT NULL,
  PRIMARY KEY (name, id),
  KEY by_end (expires_us)
) ${table}`,
    ],
  ]
}

/** The SQL that makes our tables as this version needs them, for those who run it themselves (`autoMigrate: false`). It may be run again. */
export function schema(options: { readonly prefix?: string | undefined } = {}): string {
  const tables = tablesOf(checkPrefix(options.prefix))
  const statements = [...steps(tables).flat(), setVersion(tables)]
  return statements.map((statement) => `${statement};\n`).join('\n')
}

/**
 * Bring the tables to this version, or check that they are. Processes that start at once do it one after another, under a lock that ends with its connection, so
 * that none can be left behind. Throws `UnavailableError` where the schema is older and must not be changed, or newer.
 */
export async function migrate(session: Session, prefix: string, autoMigrate: boolean): Promise<void> {
  const tables = tablesOf(prefix)
  if ((await readVersion(session, tables)) === version) return
  if (!autoMigrate) throw wrong(await readVersion(session, tables), prefix)
  const [row] = await session.rows('SELECT GET_LOCK(CONCAT(?, SHA1(CONCAT(DATABASE(), ?))), ?) AS got', [
    'lockstep:',
    prefix,
    patience,
  ])
  // NULL or refused by a proxy: the statements are harmless all the same.
  try {
    const from = await readVersion(session, tables)
    if (from > version) throw wrong(from, prefix)
    for (const statement of steps(tables).slice(from).flat()) await session.query(statement)
    if (from < version) await session.query(setVersion(tables))
  } finally {
    if (Number(row?.['got']) === 1) await session.query('DO RELEASE_ALL_LOCKS()').catch(() => {})
  }
}

/** 0: there is none. */
async function readVersion(session: Session, { meta }: Tables): Promise<number> {
  try {
    const [row] = await session.rows(`SELECT version FROM ${meta} WHERE id = 1`, [])
    return Number(row?.['version'] ?? 0)
  } catch (error) {
    // There is no such table.
    if ((error as { errno?: number }).errno === 1146) return 0
    throw error
  }
}

function setVersion({ meta }: Tables): string {
  return `INSERT INTO ${meta} (id, version) VALUES (1, ${version}) ON DUPLICATE KEY UPDATE version = ${version}`
}

function wrong(found: number, prefix: string): UnavailableError {
  const remedy = 'run the SQL that schema() of @lockstep/state-mysql gives, or allow autoMigrate'
  if (found === 0) return new UnavailableError(`there are no tables ${prefix}*: ${remedy}`)
  const here = `the tables ${prefix}* have version ${found}`
  return new UnavailableError(
    found > version
      ? `${here}, and this @lockstep/state-mysql knows version ${version}: install the newer one`
      : `${here}, and version ${version} is needed: ${remedy}`,
  )
}
