import { describeMachine, loadAverage } from '@lockstep/testing/machine'
import type { Unavailable } from '@lockstep/testing/servers/redis'
import { merge, type Report, type Results } from './report.ts'
import type { Pace } from './rounds.ts'
import { versionsOf } from './versions.ts'

/** What is done with any server here. */
interface Server extends AsyncDisposable {
  readonly version: string
}

/** `Given`: what its scenarios are given, the pace and servers. */
export interface Bench<Given extends { readonly pace: Pace }> {
  readonly bench: string
  readonly scenarios: readonly ((given: Given) => Promise<Results>)[]
  /** How the servers are started that the scenarios are given. */
  readonly servers: {
    readonly [Name in Exclude<keyof Given, 'pace'>]: () => Promise<Given[Name] & (Server | Unavailable)>
  }
  readonly pace: Pace
  /** Whose versions the report names, beside those of the servers. */
  readonly packages: readonly string[]
}

/** One scenario after the other, all with the same servers. `progress` is told of each before it runs. */
export async function run<Given extends { readonly pace: Pace }>(
  { bench, scenarios, servers, pace, packages }: Bench<Given>,
  progress: (scenario: string) => void,
): Promise<Report> {
  const startedAt = new Date().toISOString()
  const before = loadAverage()
  const versions = versionsOf(packages)
  const results: Results[] = []
  {
    await using running = new AsyncDisposableStack()
    const given: Record<string, unknown> = { pace }
    for (const [name, start] of Object.entries<() => Promise<Server | Unavailable>>(servers)) {
      const server = await start()
      given[name] = server
      if ('unavailable' in server) continue
      running.use(server)
      versions[`${name}-server`] = server.version
    }
    for (const scenario of scenarios) {
      progress(scenario.name)
      results.push(await scenario(given as unknown as Given))
    }
  }
  return {
    bench,
    startedAt,
    machine: describeMachine(),
    loadAverage: { before, after: loadAverage() },
    versions,
    rounds: pace.rounds,
    ...merge(results),
  }
}
