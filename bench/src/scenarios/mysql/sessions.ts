import { atLeast, finding, merge, type Results, type Target } from '../../harness/report.ts'
import { ratios } from '../../harness/stats.ts'
import type { OperationName } from '../../harness/worker.ts'
import { Field, measurements } from '../field.ts'
import { skipped } from '../scenario.ts'
import { atEachDurability, inFlight, mysqlEnv, type MysqlSetting } from './server.ts'

const title = `Sessions of 1.5 kB, one process with ${inFlight} in flight`

const names = Array.from({ length: 2_000 }, (_, index) => `visitor:${index}`)

const parts: readonly { readonly operation: OperationName; readonly what: string; readonly target?: Target }[] = [
  { operation: 'setSession', what: 'set', target: atLeast(1.5) },
  { operation: 'getSession', what: 'get', target: atLeast(1.3) },
  { operation: 'touchSession', what: 'touch' },
]

/** Entries as a store of sessions, beside the store that most use. */
export async function sessions({ pace, mysql }: MysqlSetting): Promise<Results> {
  if ('unavailable' in mysql) return skipped(title, mysql.unavailable)
  await using field = await Field.start(['lockstep on MySQL', 'express-mysql-session'], mysqlEnv(mysql))
  for (const cluster of Object.values(field.clusters)) await cluster.first('once', 'setSession', inFlight, names)
  return await atEachDurability(mysql, async (durability) => {
    const results: Results[] = []
    for (const { operation, what: part, target } of parts) {
      const what = `${title}, ${part}, ${durability}`
      const rates = await field.measure(async (cluster) => {
        const { operations, seconds } = await cluster.first('throughput', operation, inFlight, { ...pace, names })
        return operations / seconds
      }, pace)
      const ratio = ratios(rates['lockstep on MySQL'], rates['express-mysql-session'])
      results.push({
        findings: [finding(`${what}, beside express-mysql-session`, 'x', ratio, target)],
        measurements: measurements(what, 'op/s', rates, (rate) => rate),
      })
    }
    return merge(results)
  })
}
