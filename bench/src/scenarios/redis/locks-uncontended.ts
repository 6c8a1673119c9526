import { atLeast, finding, merge, type Results } from '../../harness/report.ts'
import { fastest, ratios } from '../../harness/stats.ts'
import { inFlight, overTcp, type Setting, skipped } from '../scenario.ts'
import { Field, measurements } from '../field.ts'
import { extending, peerNames } from './lockers.ts'

const title = 'Uncontended locks, one process'

/** Many more locks than callers. */
const names = Array.from({ length: 10_000 }, (_, index) => `cart:${index}`)

/** The price of a lock beside the least that it needs: SET NX PX and a one-line script, by hand. */
export async function uncontendedLocks({ pace, redis }: Setting): Promise<Results> {
  if ('unavailable' in redis) return skipped(title, redis.unavailable)
  await using field = await Field.start(['lockstep on Redis', 'ioredis', ...peerNames], overTcp(redis))
  const results: Results[] = []
  for (const callers of [1, inFlight]) {
    const rates = await field.measure(async (cluster) => {
      const { operations, seconds } = await cluster.first('throughput', 'lock', callers, { ...pace, names })
      return operations / seconds
    }, pace)
    const what = `${title} with ${callers} in flight`
    const best = fastest(...extending.map((name) => rates[name]))
    results.push({
      findings: [
        finding(
          `${what}, beside ioredis by hand`,
          'x',
          ratios(rates['lockstep on Redis'], rates.ioredis),
          atLeast(0.75),
        ),
        finding(
          `${what}, beside the fastest peer that extends`,
          'x',
          ratios(rates['lockstep on Redis'], best),
          atLeast(1),
        ),
        ...peerNames.map((name) =>
          finding(`${what}, ${name} beside ioredis by hand`, 'x', ratios(rates[name], rates.ioredis)),
        ),
      ],
      measurements: measurements(what, 'pairs/s', rates, (rate) => rate),
    })
  }
  return merge(results)
}
