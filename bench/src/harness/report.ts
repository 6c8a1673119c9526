import type { Machine } from '@lockstep/testing/machine'
import { summarize, type Summary } from './stats.ts'

export interface Target {
  readonly bound: 'at least' | 'at most'
  readonly value: number
}

/** One line of the verdict: a ratio, or a cost that has a target of its own. */
export interface Finding extends Summary {
  readonly title: string
  /** `'x'` for a ratio. */
  readonly unit: string
  readonly target?: Target
  readonly met?: boolean
}

/** What could not be measured here, and how to get it. */
export interface Skipped {
  readonly title: string
  readonly skipped: string
}

/** The absolute numbers behind the findings. */
export interface Measurement extends Summary {
  readonly scenario: string
  readonly participant: string
  readonly unit: string
  /** One for each round. */
  readonly values: readonly number[]
}

/** What a scenario has found out. */
export interface Results {
  readonly findings: readonly (Finding | Skipped)[]
  readonly measurements: readonly Measurement[]
}

export interface Report extends Results {
  readonly bench: string
  readonly startedAt: string
  readonly machine: Machine
  readonly loadAverage: { readonly before: number; readonly after: number }
  readonly versions: Readonly<Record<string, string>>
  readonly rounds: number
}

/** By the median of the rounds. */
export function finding(title: string, unit: string, values: readonly number[], target?: Target): Finding {
  const summary = summarize(values)
  if (!target) return { title, unit, ...summary }
  const met = target.bound === 'at least' ? summary.median >= target.value : summary.median <= target.value
  return { title, unit, ...summary, target, met }
}

export function measurement(
  scenario: string,
  participant: string,
  unit: string,
  values: readonly number[],
): Measurement {
  return { scenario, participant, unit, ...summarize(values), values }
}

/** All that several scenarios have found out. */
export function merge(results: readonly Results[]): Results {
  return {
    findings: results.flatMap(({ findings }) => findings),
    measurements: results.flatMap(({ measurements }) => measurements),
  }
}

export const atLeast = (value: number): Target => ({ bound: 'at least', value })
export const atMost = (value: number): Target => ({ bound: 'at most', value })
