import { startRedis } from '@lockstep/testing/servers/redis'
import type { Report } from './harness/report.ts'
import { quickly } from './harness/rounds.ts'
import { run } from './harness/run.ts'
import { countersBesideIoredis, oneCounterBesideIoredis } from './scenarios/counters-ioredis.ts'
import {
  countersBesideRateLimiterFlexible,
  oneCounterBesideRateLimiterFlexible,
} from './scenarios/counters-rate-limiter-flexible.ts'
import { httpRequest } from './scenarios/http-request.ts'
import { latencyBesideIoredis } from './scenarios/latency-ioredis.ts'
import { locksBesideLiveMutex } from './scenarios/locks-live-mutex.ts'
import { oneProcess } from './scenarios/one-process.ts'

/** The memory adapter beside its peers. `progress` is told of each scenario before it runs. */
export function memory(quick: boolean, progress: (scenario: string) => void): Promise<Report> {
  return run(
    {
      bench: 'memory',
      scenarios: [
        oneCounterBesideIoredis,
        countersBesideIoredis,
        oneCounterBesideRateLimiterFlexible,
        countersBesideRateLimiterFlexible,
        latencyBesideIoredis,
        oneProcess,
        httpRequest,
        locksBesideLiveMutex,
      ],
      servers: { redis: startRedis },
      pace: quick ? quickly : { rounds: 5, duration: 600, warmUp: 500 },
      packages: ['@lockstep/state-memory', 'fastify', 'ioredis', 'live-mutex', 'rate-limiter-flexible'],
    },
    progress,
  )
}
