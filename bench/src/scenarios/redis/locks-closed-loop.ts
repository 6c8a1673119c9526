import { atMost, finding, type Measurement, type Results } from '../../harness/report.ts'
import { overTcp, type Setting, skipped } from '../scenario.ts'
import { contenders, contest, exclusion, type Score } from '../contest.ts'
import { Field, measurements } from '../field.ts'
import { lockers, waiting } from './lockers.ts'

const title = `Closed loop of ${contenders} for one lock, 2 processes`

/** Long enough for everybody to have had the lock dozens of times, in rounds of a pace. */
const longer = 8

/** The lock that never rests: what it yields, and to whom. */
export async function closedLoop({ pace, redis }: Setting): Promise<Results> {
  if ('unavailable' in redis) return skipped(title, redis.unavailable)
  await using field = await Field.start(lockers, overTcp(redis))
  const duration = longer * pace.duration
  const rounds = Math.min(pace.rounds, 3)
  const scores = await field.measure((cluster) => contest(cluster, duration), { ...pace, rounds })
  const rows = (what: string, unit: string, pick: (score: Score) => number): Measurement[] =>
    measurements(`${title}, ${what}`, unit, scores, pick, waiting)
  const own = scores['lockstep on Redis']
  return {
    findings: [
      finding(
        `${title}, most beside fewest acquisitions of a contender`,
        'x',
        own.map(({ spread }) => spread),
        atMost(1.1),
      ),
      exclusion(title, own),
    ],
    measurements: [
      ...rows('acquisitions', 'a second', ({ acquisitions }) => (acquisitions * 1000) / duration),
      ...rows('hand-off (p50)', 'µs', ({ handOff }) => handOff.p50),
      ...rows('hand-off (p99)', 'µs', ({ handOff }) => handOff.p99),
      ...rows('wait (p99)', 'µs', ({ wait }) => wait.p99),
      ...rows("fairness (Jain's index)", '', ({ fairness }) => fairness),
      ...rows('most beside fewest acquisitions of a contender', 'x', ({ spread }) => spread),
      ...rows('overlapping holds and tokens that do not grow', 'violations', ({ violations }) => violations),
      ...rows('contenders that gave up', 'times', ({ gaveUp }) => gaveUp),
    ],
  }
}
