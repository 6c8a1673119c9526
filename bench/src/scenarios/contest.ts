import type { BenchCluster } from '../harness/cluster.ts'
import { now, type Contest, type Outcome } from '../harness/contest.ts'
import { handOffs, inOrder, shares, violations } from '../harness/holds.ts'
import { atMost, finding, type Finding } from '../harness/report.ts'
import { fairness, percentile } from '../harness/stats.ts'

/** In all, over both workers, unless a scenario says otherwise. */
export const contenders = 32

/** What a contest has come to. */
export interface Score {
  /** From the start of the first to the end of the last, beside the sum of the holds. */
  readonly overIdeal: number
  readonly acquisitions: number
  /** From the end of a hold to the begin of the next, in microseconds. */
  readonly handOff: { readonly p50: number; readonly p99: number }
  /** From asking for the lock to having it, in microseconds. */
  readonly wait: { readonly p50: number; readonly p99: number }
  /** The most acquisitions of a contender beside the fewest: Infinity where somebody had none. */
  readonly spread: number
  /** Jain's index of their acquisitions. */
  readonly fairness: number
  readonly violations: number
  readonly gaveUp: number
}

/** The time for every process to hear of it, in microseconds. */
const notice = 20_000

/** Half of the contenders in each worker; each wants the lock once, or comes back for `duration` milliseconds. */
export async function contest(cluster: BenchCluster, duration?: number, count: number = contenders): Promise<Score> {
  return judge(await cluster.each('contend', plan(count / 2, duration)), count)
}

/** All contenders in one process. */
export async function contestInOneProcess(cluster: BenchCluster): Promise<Score> {
  return judge([await cluster.first('contend', plan(contenders))], contenders)
}

/** All rounds together: one that went wrong must not vanish in a median. */
export function exclusion(title: string, scores: readonly Score[]): Finding {
  const all = scores.reduce((sum, { violations: found }) => sum + found, 0)
  return finding(`${title}, overlapping holds and tokens that do not grow`, 'violations', [all], atMost(0))
}

function plan(count: number, duration?: number): Contest {
  const begin = now() + notice
  return { contenders: count, begin, ...(duration === undefined ? {} : { end: begin + duration * 1000 }) }
}

function judge(outcomes: readonly Outcome[], count: number): Score {
  const each = count / outcomes.length
  const holds = outcomes.flatMap((outcome, process) =>
    outcome.holds.map((hold) => ({ ...hold, contender: process * each + hold.contender })),
  )
  const ordered = inOrder(holds)
  const gaps = handOffs(ordered)
  const ideal = holds.reduce((sum, { begin, end }) => sum + end - begin, 0)
  const took = Math.max(...outcomes.map(({ ended }) => ended)) - Math.min(...outcomes.map(({ began }) => began))
  const waits = outcomes.flatMap((outcome) => outcome.waits)
  const counts = shares(holds, count)
  return {
    overIdeal: took / ideal,
    acquisitions: holds.length,
    handOff: { p50: percentile(gaps, 50), p99: percentile(gaps, 99) },
    wait: { p50: percentile(waits, 50), p99: percentile(waits, 99) },
    spread: Math.max(...counts) / Math.min(...counts),
    fairness: fairness(counts),
    violations: violations(ordered),
    gaveUp: outcomes.reduce((sum, outcome) => sum + outcome.gaveUp, 0),
  }
}
