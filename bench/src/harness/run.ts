import { startRedis } from '@lockstep/testing/servers/redis'
import type { Scenario } from '../scenarios/scenario.ts'
import { describeMachine, loadAverage } from '@lockstep/testing/machine'
import { merge, type Report, type Results } from './report.ts'
import type { Pace } from './rounds.ts'
import { versionsOf } from './versions.ts'

export interface Bench {
  readonly bench: string
  readonly scenarios: readonly Scenario[]
  readonly pace: Pace
  /** Whose versions the report names, beside that of the redis-server. */
  readonly packages: readonly string[]
}

/** One scenario after the other, all with the same redis-server. `progress` is told of each before it runs. */
export async function run(
  { bench, scenarios, pace, packages }: Bench,
  progress: (scenario: string) => void,
): Promise<Report> {
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
  return {
    bench,
    startedAt,
    machine: describeMachine(),
    loadAverage: { before, after: loadAverage() },
    versions: { ...versionsOf(packages), ...('version' in redis ? { 'redis-server': redis.version } : {}) },
    rounds: pace.rounds,
    ...merge(results),
  }
}
