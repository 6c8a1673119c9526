import { startCluster } from '../harness/cluster.ts'
import { atLeast, finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import { ratios } from '../harness/stats.ts'
import { inFlight, type Names, one, rate, type Setting, stock } from './scenario.ts'

export const oneCounterBesideRateLimiterFlexible = (setting: Setting): Promise<Results> => besideLimiter(setting, one)
export const countersBesideRateLimiterFlexible = (setting: Setting): Promise<Results> => besideLimiter(setting, stock)

/** The other counter that lives in the cluster primary. */
async function besideLimiter({ pace }: Setting, { what, names }: Names): Promise<Results> {
  const title = `${what}, 2 workers with ${inFlight} in flight each, beside rate-limiter-flexible's cluster limiter`
  await using lockstep = await startCluster('lockstep')
  await using limiter = await startCluster('rate-limiter-flexible')
  const rates = await interleave(
    { lockstep: () => rate(lockstep, 'count', names, pace), limiter: () => rate(limiter, 'count', names, pace) },
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
