import type { MysqlAdapter } from '@lockstep/state-mysql'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { type Stock, timeout } from './stock.ts'

/** Lockstep knows nothing of them: they stand for the tables that a shop has. The key of the orders keeps nobody from selling a unit twice. */
const tables = [
  `CREATE TABLE IF NOT EXISTS flash_sale_products (
  sale VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  units INT NOT NULL,
  stock INT NOT NULL,
  opened TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY by_age (opened)
) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS flash_sale_orders (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sale VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit INT NOT NULL,
  token BIGINT NOT NULL,
  FOREIGN KEY (sale) REFERENCES flash_sale_products (sale) ON DELETE CASCADE
) ENGINE=InnoDB`,
]

/** Make the shop's tables where they are missing. */
export async function createTables(uri: string): Promise<void> {
  const connection = await createConnection({ uri })
  try {
    for (const table of tables) await connection.query(table)
  } finally {
    await connection.end()
  }
}

/** A row for each sale, in a table of the shop's own. */
export class ProductStock implements Stock {
  readonly #database: MysqlAdapter

  constructor(database: MysqlAdapter) {
    this.#database = database
  }

  async open(sale: string, size: number): Promise<void> {
    const units = await this.#database.transaction(
      async (connection) => {
        await connection.query('DELETE FROM flash_sale_products WHERE opened < NOW() - INTERVAL 1 DAY')
        await connection.execute(
          'INSERT INTO flash_sale_products (sale, units, stock) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE sale = sale',
          [sale, size, size],
        )
        const [[product]] = await connection.execute<RowDataPacket[]>(
          'SELECT units FROM flash_sale_products WHERE sale = ?',
          [sale],
        )
        return Number(product?.['units'])
      },
      { timeout },
    )
    if (units !== size) throw Object.assign(new Error(`the sale ${sale} has ${units} units`), { statusCode: 409 })
  }

  async left(sale: string): Promise<number> {
    const [[product]] = await this.#database.transaction(
      (connection) =>
        connection.execute<RowDataPacket[]>('SELECT stock FROM flash_sale_products WHERE sale = ?', [sale]),
      { timeout },
    )
    return Number(product?.['stock'] ?? 0)
  }
}
