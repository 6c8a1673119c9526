import { byHand, libraries, type LibraryName } from './faults/libraries/library.ts'
import { cell, type FaultReport } from './faults/report.ts'
import { badInput } from './faults/scenarios/bad-input.ts'
import { contention } from './faults/scenarios/contention.ts'
import { halfOpen } from './faults/scenarios/half-open.ts'
import { lateRelease } from './faults/scenarios/late-release.ts'
import { longWait } from './faults/scenarios/long-wait.ts'
import { lostReply } from './faults/scenarios/lost-reply.ts'
import type { Outcome, Scenario } from './faults/scenarios/scenario.ts'
import { serverAway } from './faults/scenarios/server-away.ts'
import { serverKilled } from './faults/scenarios/server-killed.ts'
import { stoppedBlind, stoppedCareful } from './faults/scenarios/stopped-holder.ts'
import { ownServer, prepare } from './faults/trial.ts'
import { describeMachine, loadAverage } from '@lockstep/testing/machine'
import { versionsOf } from './harness/versions.ts'

const scenarios: readonly Scenario[] = [
  stoppedBlind,
  stoppedCareful,
  lostReply,
  halfOpen,
  longWait,
  serverKilled,
  serverAway,
  lateRelease,
  contention,
  badInput,
]

const names = Object.keys(libraries) as LibraryName[]

/** Who keeps a lock's promises when things go wrong. `progress` is told of each scenario before it runs. */
export async function faults(quick: boolean, progress: (scenario: string) => void): Promise<FaultReport> {
  const startedAt = new Date().toISOString()
  const before = loadAverage()
  await using server = await ownServer()
  const seen: Observation[] = []
  for (const scenario of scenarios) {
    progress(scenario.title.join(' '))
    for (let round = 0; round < (quick ? 1 : 3); round += 1) seen.push(...(await everybody(scenario, quick)))
  }
  return {
    bench: 'faults',
    startedAt,
    machine: describeMachine(),
    loadAverage: { before, after: loadAverage() },
    versions: {
      ...versionsOf(['ioredis', ...names.filter((name) => name !== byHand)]),
      'redis-server': server.version,
    },
    scenarios: scenarios.map(({ title, meaning }) => ({ title, meaning })),
    rows: names.map((library) => ({
      library,
      cells: scenarios.map((scenario) =>
        cell(seen.filter((one) => one.library === library && one.scenario === scenario).map(({ outcome }) => outcome)),
      ),
    })),
  }
}

interface Observation {
  readonly library: LibraryName
  readonly scenario: Scenario
  readonly outcome: Outcome
}

/** Every library once, all at the same time: a trial is little work and much waiting. None runs while others start. */
async function everybody(scenario: Scenario, quick: boolean): Promise<Observation[]> {
  const trials = await Promise.all(names.map((library) => prepare(library, scenario, quick)))
  try {
    return await Promise.all(
      trials.map(async (trial) => ({ library: trial.library, scenario, outcome: await trial.run() })),
    )
  } finally {
    await Promise.all(trials.map((trial) => trial[Symbol.asyncDispose]()))
  }
}
