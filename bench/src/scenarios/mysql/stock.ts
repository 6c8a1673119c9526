import type { BenchCluster } from '../../harness/cluster.ts'
import { atLeast, finding, merge, type Results, type Target } from '../../harness/report.ts'
import type { Pace } from '../../harness/rounds.ts'
import { ratios } from '../../harness/stats.ts'
import { Field, measurements } from '../field.ts'
import { skipped } from '../scenario.ts'
import { atEachDurability, mysqlEnv, type MysqlSetting } from './server.ts'

const title = 'One of a stock that all want, one process'

/** More than anybody can take. */
const plenty = 1e9

const loads: readonly {
  readonly callers: number
  readonly besideTransaction: Target
  readonly besideUpdate?: Target
}[] = [
  { callers: 1, besideTransaction: atLeast(2.5) },
  { callers: 64, besideTransaction: atLeast(25), besideUpdate: atLeast(5) },
  { callers: 512, besideTransaction: atLeast(120), besideUpdate: atLeast(40) },
]

/** The flash sale, beside the transaction that textbooks have for it and the fastest statement there is. */
export async function hotStock({ pace, mysql }: MysqlSetting): Promise<Results> {
  if ('unavailable' in mysql) return skipped(title, mysql.unavailable)
  await using field = await Field.start(['lockstep on MySQL', 'mysql2, transaction', 'mysql2, UPDATE'], mysqlEnv(mysql))
  for (const cluster of Object.values(field.clusters)) await cluster.first('stock', 'hot', plenty)
  return await atEachDurability(mysql, async (durability) => {
    const results: Results[] = []
    for (const { callers, besideTransaction, besideUpdate } of loads) {
      const what = `${title} with ${callers} in flight, ${durability}`
      const rates = await field.measure((cluster) => rate(cluster, callers, pace), pace)
      const lockstep = rates['lockstep on MySQL']
      results.push({
        findings: [
          finding(
            `${what}, beside SELECT … FOR UPDATE`,
            'x',
            ratios(lockstep, rates['mysql2, transaction']),
            besideTransaction,
          ),
          finding(`${what}, beside UPDATE`, 'x', ratios(lockstep, rates['mysql2, UPDATE']), besideUpdate),
        ],
        measurements: measurements(what, 'op/s', rates, (value) => value),
      })
    }
    return merge(results)
  })
}

/** Takings a second; whatever the speed, the stock has to be right. */
async function rate(cluster: BenchCluster, callers: number, pace: Pace): Promise<number> {
  const before = await cluster.first('value', 'hot')
  const { operations, seconds, all } = await cluster.first('throughput', 'take', callers, { ...pace, names: ['hot'] })
  const after = await cluster.first('value', 'hot')
  if (after !== before - all) throw new Error(`${all} were taken, and the stock went from ${before} to ${after}.`)
  return operations / seconds
}
