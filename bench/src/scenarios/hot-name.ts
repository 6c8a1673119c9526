import { startCluster } from '../harness/cluster.ts'
import { finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import { ratios } from '../harness/stats.ts'
import { inFlight, rate, type Setting, stock } from './scenario.ts'

const title = `One counter that all want, beside ${stock.length} counters, 2 workers with ${inFlight} in flight each`

/** A flash sale is one name: it should not be slower than many. */
export async function hotName({ pace }: Setting): Promise<Results> {
  await using lockstep = await startCluster('lockstep')
  const rates = await interleave(
    {
      hot: () => rate(lockstep, 'count', stock.slice(0, 1), pace),
      spread: () => rate(lockstep, 'count', stock, pace),
    },
    pace,
  )
  return {
    findings: [finding(title, 'x', ratios(rates.hot, rates.spread))],
    measurements: [
      measurement(title, 'lockstep, one name', 'op/s', rates.hot),
      measurement(title, 'lockstep, many names', 'op/s', rates.spread),
    ],
  }
}
