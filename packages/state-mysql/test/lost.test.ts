import { createClusterState, type ClusterState } from '@lockstep/state'
import { mysql, type MysqlAdapter } from '@lockstep/state-mysql'
import { type OwnMysqlServer, startOwnMysql } from '@lockstep/testing/servers/mysql'
import type { PoolConnection, RowDataPacket } from 'mysql2/promise'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('lost connections', startOwnMysql, (server: OwnMysqlServer) => {
  const sql = (text: string): Promise<RowDataPacket[]> => server.command(`USE ${server.database}; ${text}`)
  const balance = async (): Promise<unknown> => (await sql('SELECT balance FROM accounts')).at(-1)

  describe('what loses its connection before COMMIT', () => {
    let adapter: MysqlAdapter
    let state: ClusterState

    beforeEach(async () => {
      adapter = mysql({ uri: server.uri })
      state = await createClusterState({ adapter })
      await sql('CREATE TABLE IF NOT EXISTS accounts (id INT PRIMARY KEY, balance INT NOT NULL)')
      await sql('REPLACE INTO accounts VALUES (1, 100)')
    })
    afterEach(() => state.close())

    test('is run again on another connection, and counts once', async () => {
      await using lease = await state.locks.acquire('account')
      let runs = 0
      await adapter.withTransaction(lease, async (connection) => {
        runs += 1
        await withdraw(connection)
        if (runs === 1) await server.command('KILL ?', [connection.threadId])
        await withdraw(connection)
      })
      expect(runs).toBe(2)
      expect(await balance()).toMatchObject([{ balance: 80 }])
    })

    test('is unavailable when the database has gone, not an error of the driver', async () => {
      const lease = await state.locks.acquire('account', { ttl: 60_000 })
      const refused = adapter.withTransaction(lease, { timeout: 500 }, async (connection) => {
        await withdraw(connection)
        await server.kill()
        await withdraw(connection)
      })
      await expect(refused).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
      await server.restart()
      expect(await balance()).toMatchObject([{ balance: 100 }])
    })

    test('was never applied, and no counter calls it unknown', async () => {
      await state.counters.set('stock', 5)
      await using lease = await state.locks.acquire('stock')
      await adapter.transaction(async (connection) => {
        await connection.execute('SELECT * FROM lockstep_counters FOR UPDATE')
        const waiting = state.counters.add('stock', 1, { fence: lease, timeout: 400 })
        await expect(waiting).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
      })
      expect(await state.counters.get('stock')).toBe(5)
    })

    test('is for its caller to judge when the loss was of something else', async () => {
      const reason = Object.assign(new Error('the bank hung up'), { code: 'ECONNRESET' })
      const failing = adapter.transaction(async (connection) => {
        await withdraw(connection)
        throw reason
      })
      await expect(failing).rejects.toBe(reason)
      expect(await balance()).toMatchObject([{ balance: 100 }])
    })
  })
})

function withdraw(connection: PoolConnection): Promise<unknown> {
  return connection.execute('UPDATE accounts SET balance = balance - 10 WHERE id = 1')
}
