import { Coverage } from './coverage.ts'
import { quieten } from './quieten.ts'
import { rules as productRules, type Rules } from './rules.ts'
import { step } from './steps.ts'
import { Violation } from './violation.ts'
import { World } from './world.ts'

export interface Options {
  readonly rules?: Rules
  readonly coverage?: Coverage
  /** Told each step in words. */
  readonly trace?: (step: string) => void
}

/** A bit of the first choice. That everything settles is looked at in every other world only: it takes half as long as the storm. */
export const endless = 8

/**
 * One world from its beginning through all steps of the schedule, and every other one into quiet weather. The same choices do the same.
 * Answers the promise that was broken, if one was.
 */
export function simulate(choices: readonly number[], options: Options = {}): Violation | undefined {
  const { rules = productRules, coverage = new Coverage(), trace } = options
  const [first = 0, ...steps] = choices
  const world = new World(rules, coverage, 2 + (first & 1), trace)
  const stormy = (first & 6) === 0
  try {
    for (const choice of steps) {
      coverage.count('steps')
      step(world, choice, stormy)
    }
    if ((first & endless) === 0) quieten(world)
  } catch (error) {
    if (error instanceof Violation) return error
    return new Violation(`it threw: ${error instanceof Error ? error.stack : String(error)}`)
  }
  return undefined
}
