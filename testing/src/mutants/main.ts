/**
 * Whether the tests would notice: puts one deliberate fault after another into a copy of the workspace and expects a
 * test to fail by an assertion each time.
 *
 *     node testing/src/mutants/main.ts --help
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findBinaries } from '../servers/mysql/binaries.ts'
import { findBinary } from '../servers/redis/binary.ts'
import { hunt } from './hunt.ts'
import { mutants } from './list.ts'
import type { Mutant } from './mutant.ts'
import { asData, progressLine, render } from './report.ts'

const usage = `Usage: pnpm mutants [--only <name>]... [--json] [--list]

  --only <name>  only the mutants whose name has <name> in it, as engine/ or redis/min-bound; may be given again
  --json         the report as JSON on standard output
  --list         name the mutants, and what would go wrong, and run nothing

Runs the tests of each mutant once without any, in a copy of the workspace in a temporary folder, and then once for each
mutant in that copy. Exits with 0 if every mutant was caught: by a test that passes without it and fails by an assertion
with it. 1: one was not (survived, drifted, broken, or skipped because a server is missing). 2: wrong arguments.`

/** The whole program for the workspace at `root`; answers the exit code. */
export async function main(args: readonly string[], root: string, all: readonly Mutant[]): Promise<number> {
  const options = read(args)
  if (typeof options === 'string') {
    console.error(`${options}\n\n${usage}`)
    return 2
  }
  if (options.help) {
    console.log(usage)
    return 0
  }
  const chosen = all.filter(({ name }) => options.only?.some((part) => name.includes(part)) ?? true)
  if (chosen.length === 0) {
    console.error(`No mutant has ${options.only?.join(' or ')} in its name; --list names them.`)
    return 2
  }
  if (options.list) {
    for (const { name, why } of chosen) console.log(`${name}: ${why}`)
    return 0
  }
  return interruptible((signal) => run(chosen, root, options.json === true, signal))
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    return (error as Error).message
  }
}

async function run(chosen: readonly Mutant[], root: string, json: boolean, signal: AbortSignal): Promise<number> {
  const report = await hunt({
    root,
    mutants: chosen,
    signal,
    missing: async (program) => {
      const found = program === 'redis-server' ? await findBinary() : await findBinaries()
      return typeof found === 'string' || !('unavailable' in found) ? undefined : found.unavailable
    },
    onBaseline: ({ passed, failures, seconds }) =>
      console.error(`without a mutant: ${passed} passed, ${failures.length} failed (${seconds.toFixed(1)} s)`),
    onResult: (result) => console.error(progressLine(result)),
  })
  console.log(json ? JSON.stringify(asData(report), undefined, 2) : render(report))
  const { baseline, results } = report
  return baseline.failures.length === 0 && results.every(({ verdict }) => verdict.is === 'caught') ? 0 : 1
}

/** SIGINT or SIGTERM end what runs and remove the copy; the second one ends this process at once. */
async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController()
  let code = 0
  const onSignal = (signal: NodeJS.Signals): void => {
    code = signal === 'SIGINT' ? 130 : 143
    controller.abort(new Error(signal))
    release()
  }
  const release = (): void => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    return await work(controller.signal)
  } catch (error) {
    if (!controller.signal.aborted) throw error
    return code
  } finally {
    release()
  }
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), join(import.meta.dirname, '../../..'), mutants)
}
