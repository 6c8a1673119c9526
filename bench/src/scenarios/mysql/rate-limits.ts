import { finding, merge, type Results } from '../../harness/report.ts'
import { ratios } from '../../harness/stats.ts'
import type { OperationName } from '../../harness/worker.ts'
import { Field, measurements } from '../field.ts'
import { skipped } from '../scenario.ts'
import { atEachDurability, inFlight, mysqlEnv, type MysqlSetting } from './server.ts'

const title = `Counters within bounds, one process with ${inFlight} in flight`

const one = ['visitor:0']
const many = Array.from({ length: 32 }, (_, index) => `visitor:${index}`)

const loads: readonly {
  readonly what: string
  readonly operation: OperationName
  readonly names: readonly string[]
}[] = [
  { what: 'one that all want', operation: 'countWithin', names: one },
  { what: `${many.length} counters`, operation: 'countWithin', names: many },
  { what: 'one that all want, with an end', operation: 'countForAnHour', names: one },
  { what: `${many.length} counters, with an end`, operation: 'countForAnHour', names: many },
]

/** Counters as rate limits. */
export async function rateLimits({ pace, mysql }: MysqlSetting): Promise<Results> {
  if ('unavailable' in mysql) return skipped(title, mysql.unavailable)
  await using field = await Field.start(['lockstep on MySQL', 'rate-limiter-flexible on MySQL'], mysqlEnv(mysql))
  return await atEachDurability(mysql, async (durability) => {
    const results: Results[] = []
    for (const { what: which, operation, names } of loads) {
      const prefix = operation === 'countForAnHour' ? 'hourly:' : ''
      const what = `${title}, ${which}, ${durability}`
      const load = { ...pace, names: names.map((name) => prefix + name) }
      const rates = await field.measure(async (cluster) => {
        const { operations, seconds } = await cluster.first('throughput', operation, inFlight, load)
        return operations / seconds
      }, pace)
      const ratio = ratios(rates['lockstep on MySQL'], rates['rate-limiter-flexible on MySQL'])
      results.push({
        findings: [finding(`${what}, beside rate-limiter-flexible`, 'x', ratio)],
        measurements: measurements(what, 'op/s', rates, (rate) => rate),
      })
    }
    return merge(results)
  })
}
