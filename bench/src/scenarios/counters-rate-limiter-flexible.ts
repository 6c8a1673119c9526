import { startCluster } from '../harness/cluster.ts'
import { atLeast, finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import { ratios } from '../harness/stats.ts'
import { inFlight, rate, type Setting, stock } from './scenario.ts'

const title = `Counters, 2 workers with ${inFlight} in flight each, beside rate-limiter-flexible's cluster limiter`

/** The other counter that lives in the cluster primary. */
export async function countersBesideRateLimiterFlexible({ pace }: Setting): Promise<Results> {
  await using lockstep = await startCluster('lockstep')
  await using limiter = await startCluster('rate-limiter-flexible')
  const rates = await interleave(
    {
      lockstep: () => rate(lockstep, 'count', stock, pace),
      limiter: () => rate(limiter, 'count', stock, pace),
    },
    pace,
  )
  return {
    findings: [finding(title, 'x', ratios(rates.lockstep, rates.limiter), atLeast(8))],
    measurements: [
      measurement(title, 'lockstep', 'op/s', rates.lockstep),
      measurement(title, 'rate-limiter-flexible', 'op/s', rates.limiter),
    ],
  }
}
