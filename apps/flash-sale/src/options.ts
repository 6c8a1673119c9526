import { parseArgs } from 'node:util'
import { backendOf, backends } from './backend.ts'

export interface Options {
  readonly workers: number
  readonly stock: number
  readonly shoppers: number
  /** Absent: 3000 or the next free port for the page, any free one for `--once`. */
  readonly port?: number
  readonly adapter: string
  /** Where the adapter finds its server, as the environment says. It may hold a password. */
  readonly serverUrl?: string
  /** Absent: a stock of its own for each rush. */
  readonly sale?: string
  readonly kill: boolean
  readonly once: boolean
  readonly json: boolean
  readonly help: boolean
}

export const usage = `A flash sale on several workers: the textbook mistake beside ways to sell exactly the stock.

  node apps/flash-sale/dist/main.js [options]

  --workers <n>     worker processes that share the port (default 2)
  --stock <n>       units on sale (default 500)
  --shoppers <n>    customers who ask at the same time, again and again, until there have been more
                    requests than the workers could sell if each sold the whole stock (default 50)
  --port <n>        default: 3000 or the next free port; with --once any free port
  --adapter <name>  where the stock lives: memory, redis, mysql, kafka (default memory)
  --sale <name>     sell from the stock of this name, together with all shops that name it on the same
                    server; without it every rush has a stock of its own
  --kill            SIGKILL a random worker at least once a second during the rush
  --once            no page: run the rushes, print a table to stderr, exit 0 if the sale was exact
  --json            with --once: one line of JSON on stdout
  --help            this text

  LOCKSTEP_REDIS_URL  for --adapter redis, the server: redis://user:password@host:6379/0. Without it
                      a redis-server is started that keeps nothing and ends with the sale.
  LOCKSTEP_MYSQL_URI  for --adapter mysql, the database: mysql://user:password@host:3306/database.
                      Without it a mariadbd is started that keeps nothing and ends with the sale.
`

/** A wrong command line: exit code 2. */
export class UsageError extends Error {}

/** Throws `UsageError`, with what to do. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { port, ...values } = parse(args)
  const backend = backendOf(values.adapter)
  const serverUrl = backend && env[backend.variable]
  if (values.json && !values.once) throw new UsageError('--json needs --once.')
  if (values.sale !== undefined) checkSale(values.sale, serverUrl)
  return {
    ...values,
    workers: wholeNumber('workers', values.workers, 1, 64),
    stock: wholeNumber('stock', values.stock, 1, 10_000),
    shoppers: wholeNumber('shoppers', values.shoppers, 1, 1_000),
    ...(serverUrl && { serverUrl }),
    ...(port !== undefined && { port: wholeNumber('port', port, 1, 65_535) }),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        workers: { type: 'string', default: '2' },
        stock: { type: 'string', default: '500' },
        shoppers: { type: 'string', default: '50' },
        port: { type: 'string' },
        adapter: { type: 'string', default: 'memory' },
        sale: { type: 'string' },
        kill: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function checkSale(sale: string, serverUrl: string | undefined): void {
  if (!/^[\w-]{1,64}$/.test(sale)) {
    throw new UsageError(
      `--sale must be at most 64 letters, digits and characters of _ and -, got ${JSON.stringify(sale)}.`,
    )
  }
  if (!serverUrl) {
    const ways = backends.map(({ adapter, variable }) => `--adapter ${adapter} and ${variable}`)
    throw new UsageError(`--sale needs ${ways.join(', or ')}: a server that the other shops reach too.`)
  }
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${option} must be a whole number from ${min} to ${max}, got ${JSON.stringify(text)}.`)
  }
  return value
}
