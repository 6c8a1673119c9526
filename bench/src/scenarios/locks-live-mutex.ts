import { startCluster } from '../harness/cluster.ts'
import { finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import { ratios } from '../harness/stats.ts'
import { inFlight, rate, type Setting } from './scenario.ts'

const title = `Locks taken and given back, 2 workers with ${inFlight} in flight each, beside live-mutex`

/** Many more locks than callers, so that hardly any is waited for. */
const carts = Array.from({ length: 10_000 }, (_, index) => `cart:${index}`)

/** The other lock manager for one machine. */
export async function locksBesideLiveMutex({ pace }: Setting): Promise<Results> {
  await using lockstep = await startCluster('lockstep')
  await using liveMutex = await startCluster('live-mutex')
  const rates = await interleave(
    {
      lockstep: () => rate(lockstep, 'lock', carts, pace),
      liveMutex: () => rate(liveMutex, 'lock', carts, pace),
    },
    pace,
  )
  return {
    findings: [finding(title, 'x', ratios(rates.lockstep, rates.liveMutex))],
    measurements: [
      measurement(title, 'lockstep', 'pairs/s', rates.lockstep),
      measurement(title, 'live-mutex', 'pairs/s', rates.liveMutex),
    ],
  }
}
