import { startCluster } from '../harness/cluster.ts'
import { atLeast, finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import { fastest, ratios } from '../harness/stats.ts'
import { inFlight, type Names, one, rate, redisEnv, type Setting, skipped, stock } from './scenario.ts'

export const oneCounterBesideIoredis = (setting: Setting): Promise<Results> => besideIoredis(setting, one)
export const countersBesideIoredis = (setting: Setting): Promise<Results> => besideIoredis(setting, stock)

/** INCRBY against a Redis of this machine, with or without autopipelining, whichever is faster. */
async function besideIoredis({ pace, redis }: Setting, { what, names }: Names): Promise<Results> {
  const title = `${what}, 2 workers with ${inFlight} in flight each, beside ioredis`
  if ('unavailable' in redis) return skipped(title, redis.unavailable)
  await using lockstep = await startCluster('lockstep')
  await using plain = await startCluster('ioredis', redisEnv(redis))
  await using autopipelining = await startCluster('ioredis, autopipelining', redisEnv(redis))
  const rates = await interleave(
    {
      lockstep: () => rate(lockstep, 'count', names, pace),
      plain: () => rate(plain, 'count', names, pace),
      autopipelining: () => rate(autopipelining, 'count', names, pace),
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
