import { atLeast, atMost, finding, measurement, type Measurement, type Results } from '../../harness/report.ts'
import { interleave } from '../../harness/rounds.ts'
import { ratios } from '../../harness/stats.ts'
import type { ParticipantName } from '../../participants/participant.ts'
import { overTcp, type Setting, skipped } from '../scenario.ts'
import { commandsSent } from './commands-sent.ts'
import { contenders, contest, contestInOneProcess, exclusion, type Score } from '../contest.ts'
import { Field, measurements } from '../field.ts'
import { lockers, peerNames, waiting } from './lockers.ts'

const title = `Burst of ${contenders} for one lock`
const apart = `${title}, 2 processes`
const together = `${title}, one process`
const time = `${apart}, until all are done`

/** The double click, many times over: how long until everybody has been served, beside the sum of the holds. */
export async function burst({ pace, redis }: Setting): Promise<Results> {
  if ('unavailable' in redis) return skipped(title, redis.unavailable)
  await using field = await Field.start(lockers, overTcp(redis))
  // A burst is too short to warm up by itself, and strikes a process that has long been at work.
  for (const name of lockers) await contest(field.clusters[name], 2 * pace.duration)
  const sent = new Map<ParticipantName, number>()
  const scores = await field.measure(
    async (cluster, name) => {
      if (sent.has(name)) return contest(cluster)
      // The round that does not count is the one that MONITOR may slow down.
      const first = await commandsSent(redis, () => contest(cluster))
      sent.set(name, first.sent / first.result.acquisitions)
      return first.result
    },
    // Few: the longest pauses between two attempts make a round take ten seconds.
    { ...pace, rounds: Math.min(pace.rounds, 3) },
  )
  const lockstep = field.clusters['lockstep on Redis']
  const { oneProcess } = await interleave({ oneProcess: () => contestInOneProcess(lockstep) }, pace)

  const times = (name: keyof typeof scores): number[] => scores[name].map(({ overIdeal }) => overIdeal)
  const handOffs = oneProcess.map(({ handOff }) => handOff.p50)
  const own = times('lockstep on Redis')
  return {
    findings: [
      finding(`${time}, beside the sum of the holds`, 'x', own, atMost(1.35)),
      ...peerNames.map((name) => finding(`${time}, ${waiting(name)} beside the sum of the holds`, 'x', times(name))),
      ...(['redlock 4', 'redlock 5'] as const).map((name) =>
        finding(`${time}, ${name} beside lockstep`, 'x', ratios(times(name), own), atLeast(10)),
      ),
      finding(`${together}, hand-off (p50)`, 'µs', handOffs, atMost(20)),
      exclusion(title, [...scores['lockstep on Redis'], ...oneProcess]),
    ],
    measurements: [
      ...rows(`${time}, beside the sum of the holds`, 'x', ({ overIdeal }) => overIdeal),
      ...rows(`${apart}, hand-off (p50)`, 'µs', ({ handOff }) => handOff.p50),
      ...rows(`${apart}, hand-off (p99)`, 'µs', ({ handOff }) => handOff.p99),
      ...[...sent].map(([name, commands]) =>
        measurement(`${apart}, commands sent`, waiting(name), 'per acquisition', [commands]),
      ),
      ...rows(`${apart}, overlapping holds and tokens that do not grow`, 'violations', (score) => score.violations),
      ...rows(`${apart}, contenders that gave up`, 'times', ({ gaveUp }) => gaveUp),
      measurement(`${together}, hand-off (p50)`, 'lockstep on Redis', 'µs', handOffs),
    ],
  }

  function rows(what: string, unit: string, pick: (score: Score) => number): Measurement[] {
    return measurements(what, unit, scores, pick, waiting)
  }
}
