import { type BenchCluster, startCluster } from '../harness/cluster.ts'
import { atMost, finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import { ratios } from '../harness/stats.ts'
import { redisEnv, type Setting, skipped, stock } from './scenario.ts'

const title = 'Latency of one counter operation at a time (p50), beside ioredis'

/** One worker asks, the other rests: the price of the way to the primary and back. */
export async function latencyBesideIoredis({ pace, redis }: Setting): Promise<Results> {
  if ('unavailable' in redis) return skipped(title, redis.unavailable)
  await using lockstep = await startCluster('lockstep')
  await using ioredis = await startCluster('ioredis', redisEnv(redis))
  const p50 = async (cluster: BenchCluster): Promise<number> =>
    (await cluster.first('latency', 'count', { ...pace, names: stock.names })).p50
  const times = await interleave({ lockstep: () => p50(lockstep), ioredis: () => p50(ioredis) }, pace)
  return {
    findings: [finding(title, 'x', ratios(times.lockstep, times.ioredis), atMost(1.2))],
    measurements: [
      measurement(title, 'lockstep', 'µs', times.lockstep),
      measurement(title, 'ioredis', 'µs', times.ioredis),
    ],
  }
}
