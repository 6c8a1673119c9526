import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Options } from './options.ts'
import { sibling } from './sibling.ts'
import type { Outcome, Route, Tally } from './tally.ts'

export interface RushPlan {
  readonly port: number
  readonly route: Route
  /** The name of the sale in the store. */
  readonly sale: string
  /** Customers who ask at the same time. */
  readonly shoppers: number
  /** Requests in all. */
  readonly demand: number
  /** Milliseconds over which the requests are spread; 0: as fast as the shop answers. */
  readonly pace: number
  /** Milliseconds after which nobody asks any more, whatever the demand. */
  readonly limit: number
}

export type RushReport =
  | { readonly kind: 'progress'; readonly tally: Tally }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly message: string }

export function planRush(
  route: Route,
  port: number,
  { stock, workers, shoppers, once: headless, kill, sale = randomUUID() }: Options,
): RushPlan {
  return {
    port,
    route,
    sale: `${route}-${sale}`,
    shoppers,
    // More than the workers could sell if each sold the whole stock.
    demand: Math.ceil(stock * workers * 1.2),
    // Long enough to watch; without a page, for several kills.
    pace: headless ? (kill ? 3_000 : 0) : 6_000,
    limit: 9_000,
  }
}

/** Send the shoppers in, a process of their own, and hear from them as they go. Rejects when they fail, or with an `AbortError`. */
export async function rush(plan: RushPlan, hear: (tally: Tally) => void, signal: AbortSignal): Promise<Outcome> {
  const shoppers = fork(sibling('shoppers'), [JSON.stringify(plan)], { signal })
  let last: RushReport | undefined
  shoppers.on('message', (report: RushReport) => {
    last = report
    if (report.kind === 'progress') hear(report.tally)
  })
  // Unlike 'exit', 'close' comes after the last message.
  await once(shoppers, 'close')
  if (last?.kind === 'done') return last.outcome
  throw new Error(
    `The ${plan.route} sale was broken off: ${last?.kind === 'failed' ? last.message : 'the shoppers are gone'}.`,
  )
}
