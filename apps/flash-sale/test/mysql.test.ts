import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { run } from './run.ts'
import { knownBackend, testSaleOn } from './sale-on.ts'
import { startDurableMysql, withoutMysql } from './servers.ts'

testSaleOn({
  backend: knownBackend('mysql'),
  without: withoutMysql,
  missing: /^There is no mariadbd .*apt-get install mariadb-server.* LOCKSTEP_MYSQL_URI=mysql:.*\n$/,
  silent: /^The database at 127\.0\.0\.1:\d+\/database .*ECONNREFUSED.*\n$/,
  start: startDurableMysql,
})

test(
  `workers that are killed leave no order without its unit, and no unit without its order${withoutMysql}`,
  { skip: withoutMysql !== '', timeout: 120_000 },
  async () => {
    await using server = await startDurableMysql()
    await using connection = await createConnection({ uri: server.url })
    await connection.query("CREATE USER clerk@'%' IDENTIFIED BY 'secret'")
    await connection.query("GRANT ALL ON lockstep.* TO clerk@'%'")
    const LOCKSTEP_MYSQL_URI = server.url.replace('root@', 'clerk:secret@')
    const { code, stdout, stderr } = await run(['--adapter', 'mysql', '--once', '--json', '--kill'], {
      LOCKSTEP_MYSQL_URI,
    })
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain('secret')

    const [[sums]] = await connection.query<RowDataPacket[]>(
      `SELECT units - stock AS taken, COUNT(unit) AS orders, COUNT(DISTINCT unit) AS different, MAX(unit) AS first, MIN(unit) AS last
       FROM flash_sale_products JOIN flash_sale_orders USING (sale) GROUP BY sale`,
    )
    const taken = Number(sums?.['taken'])
    expect(taken).toBeGreaterThan(0)
    expect(sums).toEqual({ taken, orders: taken, different: taken, first: 500, last: 501 - taken })
  },
)
