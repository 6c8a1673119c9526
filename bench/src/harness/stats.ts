/** The middle of several rounds, and how far they spread. */
export interface Summary {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function summarize(values: readonly number[]): Summary {
  return { median: percentile(values, 50), low: Math.min(...values), high: Math.max(...values) }
}

/** By the nearest rank; NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN
}

/** Round by round: rounds of one run are comparable, a slow moment of the machine meets both sides. */
export function ratios(values: readonly number[], references: readonly number[]): number[] {
  return values.map((value, round) => value / (references[round] ?? Number.NaN))
}

/** The rounds of the fastest of several ways to use the same peer. */
export function fastest(...ways: readonly (readonly number[])[]): readonly number[] {
  return ways.toSorted((a, b) => percentile(b, 50) - percentile(a, 50))[0] ?? []
}

/** Jain's index (https://arxiv.org/abs/cs/9809099): 1 where all shares are equal, 1/n where one of n has everything. */
export function fairness(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return (sum * sum) / (shares.length * squares)
}
