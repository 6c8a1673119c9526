import { startCluster } from '../harness/cluster.ts'
import { atLeast, finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import { fastest, ratios } from '../harness/stats.ts'
import { inFlight, rate, redisEnv, type Setting, skipped, stock } from './scenario.ts'

const title = `Counters, 2 workers with ${inFlight} in flight each, beside ioredis`

/** INCRBY against a Redis of this machine, with or without autopipelining, whichever is faster. */
export async function countersBesideIoredis({ pace, redis }: Setting): Promise<Results> {
  if ('unavailable' in redis) return skipped(title, redis.unavailable)
  await using lockstep = await startCluster('lockstep')
  await using plain = await startCluster('ioredis', redisEnv(redis))
  await using autopipelining = await startCluster('ioredis, autopipelining', redisEnv(redis))
  const rates = await interleave(
    {
      lockstep: () => rate(lockstep, 'count', stock, pace),
      plain: () => rate(plain, 'count', stock, pace),
      autopipelining: () => rate(autopipelining, 'count', stock, pace),
    },
    pace,
  )
  return {
    findings: [finding(title, 'x', ratios(rates.lockstep, fastest(rates.plain, rates.autopipelining)), atLeast(3.5))],
    measurements: [
      measurement(title, 'lockstep', 'op/s', rates.lockstep),
      measurement(title, 'ioredis', 'op/s', rates.plain),
      measurement(title, 'ioredis, autopipelining', 'op/s', rates.autopipelining),
    ],
  }
}
