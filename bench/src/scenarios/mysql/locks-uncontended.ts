import { atLeast, finding, type Results } from '../../harness/report.ts'
import { ratios } from '../../harness/stats.ts'
import { Field, measurements } from '../field.ts'
import { skipped } from '../scenario.ts'
import { atEachDurability, inFlight, mysqlEnv, type MysqlSetting } from './server.ts'

const title = `Uncontended locks, one process with ${inFlight} in flight`

/** Many more locks than callers. */
const names = Array.from({ length: 2_000 }, (_, index) => `cart:${index}`)

/** Taken and given back, with nothing done under them. */
export async function uncontendedLocks({ pace, mysql }: MysqlSetting): Promise<Results> {
  if ('unavailable' in mysql) return skipped(title, mysql.unavailable)
  await using field = await Field.start(['lockstep on MySQL', 'verrou on MySQL'], mysqlEnv(mysql))
  return await atEachDurability(mysql, async (durability) => {
    const what = `${title}, ${durability}`
    const rates = await field.measure(async (cluster) => {
      const { operations, seconds } = await cluster.first('throughput', 'lock', inFlight, { ...pace, names })
      return operations / seconds
    }, pace)
    return {
      findings: [
        finding(
          `${what}, beside verrou on knex`,
          'x',
          ratios(rates['lockstep on MySQL'], rates['verrou on MySQL']),
          atLeast(2.5),
        ),
      ],
      measurements: measurements(what, 'pairs/s', rates, (rate) => rate),
    }
  })
}
