import { Coverage } from './coverage.ts'
import { choicesOf } from './random.ts'
import type { Rules } from './rules.ts'
import { shrink, tell } from './shrink.ts'
import { simulate } from './simulate.ts'

export interface Range {
  readonly seeds: number
  readonly steps: number
  /** The first; the others follow. */
  readonly first: number
  readonly rules?: Rules
  /** Told after each thousand seeds how many are done. */
  readonly progress?: (done: number) => void
}

/** A schedule that broke a promise, as found and as short as it could be made. */
export interface Failure {
  readonly seed: number
  readonly tried: number
  readonly choices: readonly number[]
  /** The shortened schedule in words. */
  readonly story: string
}

/** Simulate the seeds of the range up to the first that breaks a promise. */
export function trySeeds({ seeds, steps, first, rules, progress }: Range): { coverage: Coverage; failure?: Failure } {
  const coverage = new Coverage()
  const options = { coverage, ...(rules && { rules }) }
  for (let done = 0; done < seeds; done++) {
    if (done > 0 && done % 1_000 === 0) progress?.(done)
    const seed = (first + done) >>> 0
    const schedule = choicesOf(seed, steps)
    if (simulate(schedule, options) === undefined) continue
    const choices = shrink(schedule, rules && { rules })
    return { coverage, failure: { seed, tried: done + 1, choices, story: tell(choices, rules && { rules }) } }
  }
  return { coverage }
}
