import { parseArgs } from 'node:util'
import type { Report } from './harness/report.ts'
import type { Pace } from './harness/rounds.ts'
import { renderReport } from './harness/table.ts'
import { memory } from './memory.ts'

const usage = `Usage: pnpm bench <bench> [--json] [--quick]

  memory    the memory adapter beside ioredis (with a redis-server started for it, on its Unix socket, unless
            LOCKSTEP_REDIS_URL names one), rate-limiter-flexible and live-mutex; two minutes or so

  --json    print the whole report as JSON (pnpm -s bench memory --json > memory.json)
  --quick   one short round: does it run at all? Its numbers say nothing.

It measures; it does not judge by its exit code. The table says which targets were met.`

const benches = new Map<string, (pace: Pace, progress: (scenario: string) => void) => Promise<Report>>([
  ['memory', memory],
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
  const pace = values.quick ? { rounds: 1, duration: 100, warmUp: 0 } : { rounds: 5, duration: 600, warmUp: 500 }
  const report = await bench(pace, (scenario) => console.error(`… ${scenario}`))
  console.log(values.json ? JSON.stringify(report, undefined, 2) : renderReport(report))
}
