import { startRedis } from '@lockstep/testing/servers/redis'
import { describeMachine, loadAverage } from './harness/machine.ts'
import type { Report, Results } from './harness/report.ts'
import type { Pace } from './harness/rounds.ts'
import { versionsOf } from './harness/versions.ts'
import { countersBesideIoredis, oneCounterBesideIoredis } from './scenarios/counters-ioredis.ts'
import {
  countersBesideRateLimiterFlexible,
  oneCounterBesideRateLimiterFlexible,
} from './scenarios/counters-rate-limiter-flexible.ts'
import { httpRequest } from './scenarios/http-request.ts'
import { latencyBesideIoredis } from './scenarios/latency-ioredis.ts'
import { locksBesideLiveMutex } from './scenarios/locks-live-mutex.ts'
import { oneProcess } from './scenarios/one-process.ts'
import type { Scenario } from './scenarios/scenario.ts'

const scenarios: readonly Scenario[] = [
  oneCounterBesideIoredis,
  countersBesideIoredis,
  oneCounterBesideRateLimiterFlexible,
  countersBesideRateLimiterFlexible,
  latencyBesideIoredis,
  oneProcess,
  httpRequest,
  locksBesideLiveMutex,
]

/** The memory adapter beside its peers. `progress` is told of each scenario before it runs. */
export async function memory(pace: Pace, progress: (scenario: string) => void): Promise<Report> {
  const startedAt = new Date().toISOString()
  const before = loadAverage()
  const redis = await startRedis()
  const results: Results[] = []
  try {
    for (const scenario of scenarios) {
      progress(scenario.name)
      results.push(await scenario({ pace, redis }))
    }
  } finally {
    if ('stop' in redis) await redis.stop()
  }
  const peers = ['@lockstep/state-memory', 'fastify', 'ioredis', 'live-mutex', 'rate-limiter-flexible']
  return {
    bench: 'memory',
    startedAt,
    machine: describeMachine(),
    loadAverage: { before, after: loadAverage() },
    versions: { ...versionsOf(peers), ...('version' in redis ? { 'redis-server': redis.version } : {}) },
    rounds: pace.rounds,
    findings: results.flatMap(({ findings }) => findings),
    measurements: results.flatMap(({ measurements }) => measurements),
  }
}
