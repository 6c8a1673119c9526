import { atLeast, finding, merge, type Results } from '../../harness/report.ts'
import { ratios } from '../../harness/stats.ts'
import { inFlight, overTcp, type Setting, skipped } from '../scenario.ts'
import { Field, measurements } from '../field.ts'

const hotTitle = `One counter that all want, one process with ${inFlight} in flight`
const boundedTitle = 'One change within bounds, 10,000 counters, one process'

/** Many more counters than callers, so that hardly any change meets another of its name. */
const names = Array.from({ length: 10_000 }, (_, index) => `stock:${index}`)

/** Folding against a command for each change; whatever the speed, the counter has to be right. */
export async function hotCounter({ pace, redis }: Setting): Promise<Results> {
  if ('unavailable' in redis) return skipped(hotTitle, redis.unavailable)
  await using field = await Field.start(['lockstep on Redis', 'ioredis'], overTcp(redis))
  const rates = await field.measure(async (cluster) => {
    const before = await cluster.first('value', 'hot')
    const { operations, seconds, all } = await cluster.first('throughput', 'count', inFlight, {
      ...pace,
      names: ['hot'],
    })
    const after = await cluster.first('value', 'hot')
    if (after !== before + all) throw new Error(`${all} changes by one took the counter from ${before} to ${after}.`)
    return operations / seconds
  }, pace)
  return {
    findings: [finding(`${hotTitle}, beside INCR`, 'x', ratios(rates['lockstep on Redis'], rates.ioredis), atLeast(4))],
    measurements: measurements(hotTitle, 'op/s', rates, (rate) => rate),
  }
}

/** Nothing to fold: the price of the script that keeps the bounds. */
export async function boundedCounters({ pace, redis }: Setting): Promise<Results> {
  if ('unavailable' in redis) return skipped(boundedTitle, redis.unavailable)
  await using field = await Field.start(
    ['lockstep on Redis', 'ioredis', 'rate-limiter-flexible on Redis'],
    overTcp(redis),
  )
  const results: Results[] = []
  for (const { callers, target } of [
    { callers: 1, target: 0.85 },
    { callers: inFlight, target: 0.65 },
  ]) {
    const title = `${boundedTitle}, ${callers} in flight`
    const rates = await field.measure(async (cluster, name) => {
      const operation = name === 'ioredis' ? 'count' : 'countWithin'
      const { operations, seconds } = await cluster.first('throughput', operation, callers, { ...pace, names })
      return operations / seconds
    }, pace)
    const beside = (name: keyof typeof rates): number[] => ratios(rates[name], rates.ioredis)
    results.push({
      findings: [
        finding(`${title}, beside INCR`, 'x', beside('lockstep on Redis'), atLeast(target)),
        finding(`${title}, rate-limiter-flexible beside INCR`, 'x', beside('rate-limiter-flexible on Redis')),
      ],
      measurements: measurements(title, 'op/s', rates, (rate) => rate),
    })
  }
  return merge(results)
}
