/** A worker: the shop. Every worker runs this file; all of them share one port and one stock. */
import cluster from 'node:cluster'
import { joinCluster } from '@lockstep/cluster-core/worker'
import { clusterState } from '@lockstep/fastify'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import type { FromWorker } from './messages.ts'
import { type Options, readOptions } from './options.ts'
import { addPage } from './page.ts'
import { LockSale } from './sale/lock.ts'
import { LockstepSale } from './sale/lockstep.ts'
import { NaiveSale } from './sale/naive.ts'
import { createTables, ProductStock } from './sale/products.ts'
import { CounterStock } from './sale/stock.ts'
import { TransactionSale } from './sale/transaction.ts'
import { type Store, storeOf } from './store.ts'
import { routesOn } from './tally.ts'

interface OneSale {
  Params: { sale: string }
}

async function openShop(options: Options): Promise<void> {
  const { adapter, stock, port, serverUrl } = options
  const { options: state, database } = await storeOf(options)
  const app = Fastify({
    // stdout belongs to the result of --once.
    logger: { level: 'error', stream: process.stderr },
    // A kept-alive connection stays with its worker. Ending it now and then gives a restarted worker its share of the shoppers again.
    maxRequestsPerSocket: 10,
  })
  await app.register(clusterState, state)
  if (database && serverUrl) await createTables(serverUrl)
  answerFailures(app)
  addSales(app, stock, database)
  addPage(app, routesOn(adapter))
  await app.listen({ host: '127.0.0.1', port: port ?? 0 })
}

function addSales(app: FastifyInstance, size: number, database: Store['database']): void {
  const worker = joinCluster().slot
  const state = app.clusterState
  const counter = new CounterStock(state)
  const stocks = { lockstep: counter, lock: counter, ...(database && { transaction: new ProductStock(database) }) }
  const sales = {
    naive: new NaiveSale(size),
    lockstep: new LockstepSale(state),
    lock: new LockSale(state),
    ...(database && { transaction: new TransactionSale(state, database) }),
  }

  for (const [route, stock] of Object.entries(stocks)) {
    app.put<OneSale>(`/sales/:sale/${route}`, async ({ params }) => {
      await stock.open(params.sale, size)
      return { stock: size }
    })

    app.get<OneSale>(`/sales/:sale/${route}`, async ({ params }) => ({ left: await stock.left(params.sale) }))
  }

  for (const [route, sale] of Object.entries(sales)) {
    app.post<OneSale>(`/sales/:sale/${route}`, async ({ params }, reply) => {
      const unit = await sale.buy(params.sale)
      return reply.code(unit === null ? 409 : 201).send({ sold: unit !== null, unit, worker })
    })
  }
}

/** A store that is away fails every request: each is answered with the code of its failure, and a line a second is enough to read. */
function answerFailures(app: FastifyInstance): void {
  let nextLine = 0
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { code, message, statusCode = 500 } = error
    if (!code?.startsWith('LOCKSTEP_')) throw error
    if (statusCode >= 500 && performance.now() >= nextLine) {
      nextLine = performance.now() + 1_000
      request.log.error(`${code}: ${message}`)
    }
    return reply.code(statusCode).send({ code, message })
  })
}

/** Every worker fails for the same reason, again and again: the primary is to say it once. */
function giveUp(error: unknown): void {
  if (!cluster.worker) throw error
  const message: FromWorker = { flashSale: 'failed', message: error instanceof Error ? error.message : String(error) }
  cluster.worker.send(message, () => process.exit(1))
}

openShop(readOptions(process.argv.slice(2), process.env)).catch(giveUp)
