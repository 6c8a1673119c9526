import { createPool, type Pool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import type { Client, Participant } from './participant.ts'

/** The environment variable that holds `mysql://user:password@host:port/database`. */
export const mysqlAddress = 'BENCH_MYSQL'

/** Connections of each process at most, the same for all on MySQL; the default of mysql2 and of `@lockstep/state-mysql`. */
export const connectionLimit = 10

/** What is left of each stock. */
const table = 'bench_stock'

/** The fastest there is by hand: one statement that commits by itself, prepared. It does not say what is left. */
export const update: Participant = {
  open: () =>
    client(async (pool, name) => {
      const sql = `UPDATE ${table} SET amount = amount - 1 WHERE name = ? AND amount >= 1`
      const [{ affectedRows }] = await pool.execute<ResultSetHeader>(sql, [name])
      return affectedRows === 1
    }),
}

/** As textbooks have it: https://dev.mysql.com/doc/refman/8.4/en/innodb-locking-reads.html. Its statements are prepared too. */
export const transaction: Participant = {
  open: () =>
    client(async (pool, name) => {
      const connection = await pool.getConnection()
      try {
        await connection.beginTransaction()
        const [[row]] = await connection.execute<RowDataPacket[]>(
          `SELECT amount FROM ${table} WHERE name = ? FOR UPDATE`,
          [name],
        )
        const left = Number(row?.['amount'] ?? 0)
        if (left > 0) await connection.execute(`UPDATE ${table} SET amount = amount - 1 WHERE name = ?`, [name])
        await connection.commit()
        return left > 0
      } catch (error) {
        await connection.rollback()
        throw error
      } finally {
        connection.release()
      }
    }),
}

export function uri(): string {
  return process.env[mysqlAddress] ?? ''
}

async function client(take: (pool: Pool, name: string) => Promise<boolean>): Promise<Client> {
  const pool = createPool({ uri: uri(), connectionLimit })
  await pool.query(
    `CREATE TABLE IF NOT EXISTS ${table} (name VARBINARY(191) NOT NULL PRIMARY KEY, amount BIGINT NOT NULL) ENGINE=InnoDB`,
  )
  return {
    take: (name) => take(pool, name),
    stock: (name, amount) => pool.execute(`REPLACE INTO ${table} (name, amount) VALUES (?, ?)`, [name, amount]),
    async value(name) {
      const [[row]] = await pool.execute<RowDataPacket[]>(`SELECT amount FROM ${table} WHERE name = ?`, [name])
      return Number(row?.['amount'])
    },
  }
}
