import { describe, expect, test } from 'vitest'
import { broken, withBroken } from './broken.ts'
import { choicesOf } from './random.ts'
import { trySeeds } from './seeds.ts'
import { simulate } from './simulate.ts'

const soak = Boolean(process.env['LOCKSTEP_SOAK'])
const seeds = soak ? 100_000 : 5_000
const steps = 200
const first = Number(process.env['LOCKSTEP_SEED'] ?? Math.floor(Math.random() * 2 ** 32))

describe(`engine, link and clients, simulated with ${seeds} seeds from ${first}`, () => {
  test(
    'keep every promise, whatever is lost, late, stopped, killed or restored',
    { timeout: soak ? 900_000 : 120_000 },
    () => {
      console.log(`The simulation starts at seed ${first}; LOCKSTEP_SEED=${first} repeats it.`)
      const { coverage, failure } = trySeeds({ seeds, steps, first })
      expect(failure && `seed ${failure.seed}, shortened:\n${failure.story}`).toBeUndefined()
      expect(coverage.missed).toEqual([])
    },
  )
})

test('a seed does the same every time', () => {
  expect(story(choicesOf(7, steps))).toEqual(story(choicesOf(7, steps)))
})

describe('the simulation finds out, in few seeds and few steps,', () => {
  test.each(broken)('%s', (_what, rule) => {
    const rules = withBroken(rule)
    const { failure } = trySeeds({ seeds: 3_000, steps, first: 1, rules })
    expect(failure?.choices.length).toBeLessThanOrEqual(steps / 3)
    // As short as it is, it still shows what is wrong, and nothing is wrong without the broken rule.
    expect(simulate(failure?.choices ?? [], { rules })).toBeDefined()
    expect(simulate(failure?.choices ?? [])).toBeUndefined()
  })
})

function story(choices: readonly number[]): string[] {
  const lines: string[] = []
  expect(simulate(choices, { trace: (line) => lines.push(line) })).toBeUndefined()
  return lines
}
