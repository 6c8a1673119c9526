import { endless, simulate, type Options } from './simulate.ts'

/** Rounds at most: a long schedule is not worth more. */
const mostRounds = 10

/**
 * The shortest schedule found that still breaks a promise: chunks of steps are left out, halves first, single steps last,
 * and again from the beginning for as long as that helps. The first choice, which decides the world, is kept but for its end.
 *
 * @see Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE TSE 28(2), 2002.
 */
export function shrink(choices: readonly number[], { rules }: Pick<Options, 'rules'> = {}): number[] {
  const [first = 0, ...steps] = choices
  // With quiet weather at its end a world breaks what it broke without, and often sooner.
  const world = first & ~endless
  const breaks = (kept: readonly number[]): boolean => simulate([world, ...kept], rules && { rules }) !== undefined
  let left = steps
  for (let round = 0; round < mostRounds; round++) {
    const shorter = leaveOut(left, breaks)
    if (shorter.length === left.length) break
    left = shorter
  }
  return [world, ...left]
}

/** From the end: what comes late depends on what comes early, seldom the other way round. */
function leaveOut(steps: readonly number[], breaks: (kept: readonly number[]) => boolean): number[] {
  let left = [...steps]
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = left.length; end > 0; end -= size) {
      const kept = [...left.slice(0, Math.max(0, end - size)), ...left.slice(end)]
      if (breaks(kept)) left = kept
    }
  }
  return left
}

/** The steps in words, and the promise that they break. */
export function tell(choices: readonly number[], options: Pick<Options, 'rules'> = {}): string {
  const lines: string[] = []
  const violation = simulate(choices, { ...options, trace: (step) => lines.push(step) })
  return [...lines, violation === undefined ? 'No promise is broken.' : `Broken: ${violation.message}`].join('\n')
}
