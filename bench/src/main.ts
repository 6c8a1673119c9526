import { parseArgs } from 'node:util'
import { faults } from './faults.ts'
import type { FaultReport } from './faults/report.ts'
import { renderFaults } from './faults/table.ts'
import type { Report } from './harness/report.ts'
import { renderReport } from './harness/table.ts'
import { memory } from './memory.ts'
import { mysql } from './mysql.ts'
import { redis } from './redis.ts'

const usage = `Usage: pnpm bench <bench> [--json] [--quick]

  memory    the memory adapter beside ioredis (with a redis-server started for it, on its Unix socket, unless
            LOCKSTEP_REDIS_URL names one), rate-limiter-flexible and live-mutex; two minutes or so
  redis     the Redis adapter beside ioredis by hand, redlock 4 and 5, @sesamecare-oss/redlock, redis-semaphore, verrou
            and rate-limiter-flexible, all on one redis-server started for it (or LOCKSTEP_REDIS_URL); four minutes or so
  mysql     the MySQL adapter beside mysql2 by hand, verrou on knex, express-mysql-session and rate-limiter-flexible, all on
            one mariadbd or mysqld started for it, with its log flushed at each commit and each second; five minutes or so
  faults    the same lock libraries, and whether each keeps a lock's promises when processes, connections and servers
            fail: a table, and what it means; three minutes or so

  --json    print the whole report as JSON (pnpm -s bench memory --json > memory.json)
  --quick   one short round: does it run at all? Its numbers say nothing.

It measures; it does not judge by its exit code. The table says which targets were met.`

type Bench = (quick: boolean, progress: (scenario: string) => void) => Promise<Report | FaultReport>

const benches = new Map<string, Bench>([
  ['memory', memory],
  ['redis', redis],
  ['mysql', mysql],
  ['faults', faults],
])

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
})
const bench = benches.get(positionals[0] ?? '')

if (values.help || !bench) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const report = await bench(values.quick ?? false, (scenario) => console.error(`… ${scenario}`))
  console.log(values.json ? JSON.stringify(report, readable, 2) : render(report))
}

/** JSON has no Infinity, and would say null. */
function readable(_: string, value: unknown): unknown {
  return value === Infinity ? 'Infinity' : value
}

function render(report: Report | FaultReport): string {
  return 'rows' in report ? renderFaults(report) : renderReport(report)
}
