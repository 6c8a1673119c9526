import type { Options } from './options.ts'
import { ProgressLine } from './progress.ts'
import { jsonLine, type Result, table } from './report.ts'
import type { Stage } from './stage.ts'
import { isExact, type Outcome, type Route } from './tally.ts'

/** `--once`: the three rushes, one after another, then a table on stderr. Resolves with the exit code: 0 if lockstep and lock sold exactly the stock. */
export async function runHeadless(options: Options, stage: Stage): Promise<number> {
  const { stock, json } = options
  const line = new ProgressLine(process.stderr)
  const run = (route: Route): Promise<Outcome> =>
    stage.rush(route, ({ sold, refused, unknown }) =>
      line.show(`${route}: ${sold} sold of ${stock}, ${refused} refused, ${unknown} without an answer`),
    )

  const outcomes = { naive: await run('naive'), lockstep: await run('lockstep'), lock: await run('lock') }
  line.clear()
  const result: Result = { ...options, kills: stage.kills, outcomes }
  process.stderr.write(table(result, process.stderr.isTTY && process.stderr.hasColors()))
  if (json) process.stdout.write(`${jsonLine(result)}\n`)
  return isExact(options, outcomes.lockstep) && isExact(options, outcomes.lock) ? 0 : 1
}
