import { startRedis } from '@lockstep/testing/servers/redis'
import type { Report } from './harness/report.ts'
import { quickly } from './harness/rounds.ts'
import { run } from './harness/run.ts'
import { boundedCounters, hotCounter } from './scenarios/redis/counters.ts'
import { heldLeases } from './scenarios/redis/leases.ts'
import { burst } from './scenarios/redis/locks-burst.ts'
import { closedLoop } from './scenarios/redis/locks-closed-loop.ts'
import { uncontendedLocks } from './scenarios/redis/locks-uncontended.ts'

/** The Redis adapter beside its peers. `progress` is told of each scenario before it runs. */
export function redis(quick: boolean, progress: (scenario: string) => void): Promise<Report> {
  const leases = quick ? { count: 1_000, ttl: 3_000 } : { count: 100_000, ttl: 30_000 }
  return run(
    {
      bench: 'redis',
      scenarios: [uncontendedLocks, burst, closedLoop, hotCounter, boundedCounters, heldLeases(leases)],
      servers: { redis: startRedis },
      pace: quick ? quickly : { rounds: 7, duration: 300, warmUp: 300 },
      packages: [
        '@lockstep/state-redis',
        'ioredis',
        'redlock-4',
        'redlock-5',
        '@sesamecare-oss/redlock',
        'redis-semaphore',
        '@verrou/core',
        'rate-limiter-flexible',
      ],
    },
    progress,
  )
}
