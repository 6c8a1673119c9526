import { parseArgs } from 'node:util'
import { cases } from './coverage.ts'
import { trySeeds } from './seeds.ts'

const usage = `Simulates engine, link and clients under a seeded scheduler.

  node main.ts [--seeds <n>] [--steps <n>] [--seed <first>]

  --seeds   how many schedules (default 10000)
  --steps   steps of each, before the faults stop (default 200)
  --seed    the first seed (default: a random one, which is printed); with --seeds 1 it replays alone
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    steps: { type: 'string', default: '200' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

if (values.help) {
  process.stdout.write(usage)
} else {
  const seeds = wholeNumber('seeds', values.seeds)
  const steps = wholeNumber('steps', values.steps)
  const first = values.seed === undefined ? randomSeed() : wholeNumber('seed', values.seed)
  console.log(`${seeds} seeds from ${first}, ${steps} steps each`)
  const began = performance.now()
  const rate = (done: number): string => `${Math.round((done / (performance.now() - began)) * 1000)} seeds/s`
  const progress = (done: number): void => console.log(`  ${done} seeds, ${rate(done)}`)
  const { coverage, failure } = trySeeds({ seeds, steps, first, progress })
  for (const name of cases) console.log(`${String(coverage.get(name)).padStart(12)}  ${name}`)
  if (failure === undefined) {
    console.log(`No promise was broken in ${seeds} seeds (${rate(seeds)}).`)
  } else {
    console.log(`\nSeed ${failure.seed} breaks a promise. In ${failure.choices.length - 1} steps:\n\n${failure.story}`)
    console.log(`\nOnce more: node main.ts --seeds 1 --steps ${steps} --seed ${failure.seed}`)
    process.exitCode = 1
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`--${name} takes a whole number, not ${text}`)
}

function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}
