import type { Options } from './options.ts'
import { ProgressLine } from './progress.ts'
import { jsonLine, type Result, table } from './report.ts'
import type { Stage } from './stage.ts'
import { isExact, type Outcome, type Route, routesOn } from './tally.ts'

/** `--once`: the rushes, one after another, then a table on stderr. Resolves with the exit code: 0 if all but the naive one sold exactly the stock. */
export async function runHeadless(options: Options, stage: Stage): Promise<number> {
  const { adapter, stock, json } = options
  const line = new ProgressLine(process.stderr)
  const run = (route: Route): Promise<Outcome> =>
    stage.rush(route, ({ sold, refused, unknown }) =>
      line.show(`${route}: ${sold} sold of ${stock}, ${refused} refused, ${unknown} without an answer`),
    )

  const outcomes: Partial<Record<Route, Outcome>> = {}
  for (const route of routesOn(adapter)) outcomes[route] = await run(route)
  line.clear()
  const result: Result = { ...options, kills: stage.kills, outcomes }
  process.stderr.write(table(result, process.stderr.isTTY && process.stderr.hasColors()))
  if (json) process.stdout.write(`${jsonLine(result)}\n`)
  const { naive: _, ...others } = outcomes
  return Object.values(others).every((outcome) => isExact(options, outcome)) ? 0 : 1
}
