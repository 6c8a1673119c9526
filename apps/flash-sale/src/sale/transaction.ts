import type { ClusterState } from '@lockstep/fastify'
import type { MysqlAdapter } from '@lockstep/state-mysql'
import type { RowDataPacket } from 'mysql2/promise'
import { ProductStock } from './products.ts'
import { timeout } from './stock.ts'

/** The textbook's transaction on a table of the shop's own, under a lock that the database itself looks at before COMMIT. */
export class TransactionSale {
  readonly #state: ClusterState
  readonly #database: MysqlAdapter
  readonly #products: ProductStock

  constructor(state: ClusterState, database: MysqlAdapter) {
    this.#state = state
    this.#database = database
    this.#products = new ProductStock(database)
  }

  /** The number of the unit, or `null`: sold out. */
  async buy(sale: string): Promise<number | null> {
    // The stock of a sale only falls: who finds it empty need not queue for the lock.
    if ((await this.#products.left(sale)) === 0) return null

    return this.#state.locks.using(`sale:${sale}`, { ttl: 1_000, wait: 1_500, timeout }, (lease) =>
      // Read, decide, write back: two at once would sell the same unit, in transactions too. Should we be slow, and another one have the lock, all of it is rolled
      // back. Killed in between, we have neither taken a unit nor written an order.
      this.#database.withTransaction(lease, { timeout }, async (connection) => {
        const [[product]] = await connection.execute<RowDataPacket[]>(
          'SELECT stock FROM flash_sale_products WHERE sale = ?',
          [sale],
        )
        const left = Number(product?.['stock'] ?? 0)
        if (left === 0) return null
        await connection.execute('UPDATE flash_sale_products SET stock = ? WHERE sale = ?', [left - 1, sale])
        await connection.execute('INSERT INTO flash_sale_orders (sale, unit, token) VALUES (?, ?, ?)', [
          sale,
          left,
          lease.token,
        ])
        return left
      }),
    )
  }
}
