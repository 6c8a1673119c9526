import type { Machine } from '@lockstep/testing/machine'
import type { Outcome, Scenario } from './scenarios/scenario.ts'

/** One library in one scenario. */
export interface Cell {
  readonly failed: number
  /** The fact of the middle one of the trials that failed, or of all if none did. */
  readonly fact: string
  /** One for each trial. */
  readonly outcomes: readonly Outcome[]
}

interface Row {
  readonly library: string
  /** One for each scenario. */
  readonly cells: readonly Cell[]
}

export interface FaultReport {
  readonly bench: 'faults'
  readonly startedAt: string
  readonly machine: Machine
  readonly loadAverage: { readonly before: number; readonly after: number }
  /** Of packages and of redis-server. */
  readonly versions: Readonly<Record<string, string>>
  readonly scenarios: readonly Pick<Scenario, 'title' | 'meaning'>[]
  readonly rows: readonly Row[]
}

export function cell(outcomes: readonly Outcome[]): Cell {
  const failed = outcomes.filter(({ pass }) => !pass)
  const telling = (failed.length > 0 ? failed : outcomes).toSorted((a, b) => (a.amount ?? 0) - (b.amount ?? 0))
  return { failed: failed.length, fact: telling[Math.floor(telling.length / 2)]?.fact ?? '', outcomes }
}
