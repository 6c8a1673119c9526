import { atLeast, finding, type Measurement, type Results } from '../../harness/report.ts'
import { ratios } from '../../harness/stats.ts'
import type { ParticipantName } from '../../participants/participant.ts'
import { contest, exclusion, type Score } from '../contest.ts'
import { Field, measurements } from '../field.ts'
import { skipped } from '../scenario.ts'
import { atEachDurability, mysqlEnv, type MysqlSetting, statementsSent } from './server.ts'

/** 8 in each process. */
const contenders = 16
const title = `Closed loop of ${contenders} for one lock, 2 processes`

/** Long enough for who polls every 250 ms to have had the lock a few times, in rounds of a pace. */
const longer = 8

type ScoreOfStatements = Score & { readonly statements: number }

/** The lock that never rests: how long its waiters wait, and whether they get equal shares. */
export async function contendedLocks({ pace, mysql }: MysqlSetting): Promise<Results> {
  if ('unavailable' in mysql) return skipped(title, mysql.unavailable)
  await using field = await Field.start(['lockstep on MySQL', 'verrou on MySQL'], mysqlEnv(mysql))
  const duration = longer * pace.duration
  const rounds = Math.min(pace.rounds, 3)
  return await atEachDurability(mysql, async (durability) => {
    const what = `${title}, ${durability}`
    const scores = await field.measure(
      async (cluster): Promise<ScoreOfStatements> => {
        const { sent, result } = await statementsSent(mysql, () => contest(cluster, duration, contenders))
        return { ...result, statements: sent / result.acquisitions }
      },
      { ...pace, rounds },
    )
    const rows = (part: string, unit: string, pick: (score: ScoreOfStatements) => number): Measurement[] =>
      measurements(`${what}, ${part}`, unit, scores, pick, waiting)
    const own = scores['lockstep on MySQL']
    return {
      findings: [
        finding(
          `${what}, verrou's wait (p99) beside lockstep's`,
          'x',
          ratios(waits(scores['verrou on MySQL']), waits(own)),
          atLeast(3),
        ),
        finding(
          `${what}, fairness`,
          "of Jain's index",
          own.map(({ fairness }) => fairness),
          atLeast(0.9),
        ),
        exclusion(what, own),
      ],
      measurements: [
        ...rows('acquisitions', 'a second', ({ acquisitions }) => (acquisitions * 1000) / duration),
        ...rows('wait (p50)', 'µs', ({ wait }) => wait.p50),
        ...rows('wait (p99)', 'µs', ({ wait }) => wait.p99),
        ...rows('hand-off (p50)', 'µs', ({ handOff }) => handOff.p50),
        ...rows('fairness', "of Jain's index", ({ fairness }) => fairness),
        ...rows('statements sent', 'per acquisition', ({ statements }) => statements),
        ...rows('overlapping holds and tokens that do not grow', 'violations', ({ violations }) => violations),
        ...rows('contenders that gave up', 'times', ({ gaveUp }) => gaveUp),
      ],
    }
  })
}

function waits(of: readonly Score[]): number[] {
  return of.map(({ wait }) => wait.p99)
}

function waiting(name: ParticipantName): string {
  return name === 'verrou on MySQL' ? `${name} (asks every 250 ms)` : name
}
