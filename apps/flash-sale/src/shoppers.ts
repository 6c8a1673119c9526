/** A process of its own: the customers of one rush. Its argument is a `RushPlan`; it sends a `RushReport` several times a second, the outcome last. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RushPlan, RushReport } from './rush.ts'
import { Shop } from './shop.ts'
import { nothing, type Outcome, type Tally } from './tally.ts'

type Counts = { -readonly [Figure in keyof Tally]: Tally[Figure] }

async function rush(plan: RushPlan): Promise<Outcome> {
  using shop = new Shop(plan.port)
  const hasStore = plan.route !== 'naive'
  if (hasStore) await shop.open(plan.sale, plan.route)

  const counts: Counts = { ...nothing }
  const requests = demand(plan, performance.now())
  const ticker = setInterval(() => report({ kind: 'progress', tally: counts }), 100)
  await Promise.all(Array.from({ length: plan.shoppers }, () => shopper(shop, plan, requests, counts)))
  clearInterval(ticker)

  return { ...counts, left: hasStore ? await shop.left(plan.sale, plan.route) : null }
}

/** The requests of the rush, each as the moment at which it is due. The shoppers share them out. */
function* demand({ demand: size, pace, limit }: RushPlan, start: number): Generator<number> {
  for (let request = 0; request < size && performance.now() < start + limit; request++) {
    yield start + (request / size) * pace
  }
}

async function shopper(shop: Shop, plan: RushPlan, requests: Generator<number>, counts: Counts): Promise<void> {
  for (const due of requests) {
    const early = due - performance.now()
    if (early > 0) await sleep(early)

    const purchase = await shop.buy(plan.sale, plan.route)
    if (!purchase) counts.unknown++
    else if (!purchase.sold) counts.refused++
    else {
      counts.sold++
      counts.soldBy = { ...counts.soldBy, [purchase.worker]: (counts.soldBy[purchase.worker] ?? 0) + 1 }
    }
  }
}

function report(message: RushReport): void {
  process.send?.(message)
}

// The show is over when the primary has gone.
process.once('disconnect', () => process.exit())
try {
  report({ kind: 'done', outcome: await rush(JSON.parse(process.argv[2] ?? '') as RushPlan) })
} catch (error) {
  report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
}
process.disconnect?.()
