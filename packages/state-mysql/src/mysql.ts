import {
  type Adapter,
  type Capabilities,
  type ConnectContext,
  type Connection,
  isStateError,
  monotonic,
  type Turn,
} from '@lockstep/state'
import { setTimeout as sleep } from 'node:timers/promises'
import { Clock } from './clock.ts'
import { MysqlCounters } from './counters.ts'
import { Database, reads } from './database.ts'
import { MysqlEntries } from './entries.ts'
import { Health } from './health.ts'
import { MysqlLocks } from './locks.ts'
import { type CheckedOptions, checkOptions, type MysqlOptions } from './options.ts'
import { openPool, type OpenPool, probe } from './pool.ts'
import { Pruning } from './pruning.ts'
import { migrate } from './schema.ts'
import { tablesOf } from './sql.ts'
import { OwnTransactions, type Transactions } from './transactions.ts'
import { cannotConnect } from './trouble.ts'

/** What is under way when the adapter closes has so long to settle, in milliseconds. */
const patience = 1_000

const capabilities: Capabilities = {
  locks: { fair: 'process', wake: 'poll' },
  counters: { addAll: 'any', safeRetry: 'withOperationId', fence: true },
  entries: { safeRetry: 'withOperationId', fence: true },
  queues: false,
  transactions: true,
}

/** The adapter, and what only a database can do: it works on the connection of the state that was made with this adapter last. */
export interface MysqlAdapter extends Adapter, Transactions {}

/** State in MySQL 8.0+ or MariaDB 10.6+, through mysql2: in the database that a team already has, beside its own tables. */
export function mysql(options?: MysqlOptions): MysqlAdapter {
  return new OwnAdapter(checkOptions(options))
}

class OwnAdapter extends OwnTransactions implements MysqlAdapter {
  readonly name = 'mysql'
  readonly #options: CheckedOptions

  constructor(options: CheckedOptions) {
    super()
    this.#options = options
  }

  connect(context: ConnectContext): Promise<Connection> {
    return connect(this.#options, context, this)
  }
}

async function connect(
  options: CheckedOptions,
  { signal, turn }: ConnectContext,
  transactions: OwnTransactions,
): Promise<Connection> {
  signal.throwIfAborted()
  const open = openPool(options)
  const ended = new AbortController()
  const opening = connectionOn(open, options, transactions, turn)
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: ended.signal })
  })
  try {
    return await Promise.race([opening, aborted])
  } catch (error) {
    await open.close()
    opening.catch(() => {})
    throw isStateError(error) || signal.aborted ? error : cannotConnect(open.address, error)
  } finally {
    ended.abort()
  }
}

async function connectionOn(
  open: OpenPool,
  options: CheckedOptions,
  transactions: OwnTransactions,
  turn: Turn,
): Promise<Connection> {
  const { prefix, autoMigrate, connectTimeout, commandTimeout, operationRetention, cohort } = options
  const { pool, address, own } = open
  const database = new Database({ pool, address, commandTimeout, readCommitted: own })
  const clock = new Clock()
  await database.run(reads, { deadline: monotonic() + connectTimeout }, async (session) => {
    if (!own) await probe(session)
    await migrate(session, prefix, autoMigrate)
    await clock.learn(session)
  })
  const tables = tablesOf(prefix)
  const locks = new MysqlLocks({ database, tables, clock, cohort })
  const health = new Health(database)
  const pruning = new Pruning(database, tables)
  const place = { database, tables }
  transactions.open(place)
  return {
    capabilities,
    locks,
    counters: new MysqlCounters({ database, tables, operationRetention, turn }),
    entries: new MysqlEntries({ database, tables, turn }),
    health: (call) => health.read(call),
    close: async () => {
      locks.close()
      pruning.close()
      transactions.close(place)
      await Promise.race([database.idle(), sleep(patience, undefined, { ref: false })])
      await open.close()
    },
  }
}
