import { createClusterState, type ClusterState, type Lease } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import { mysql, type MysqlAdapter } from '@lockstep/state-mysql'
import { type OwnMysqlServer, startOwnMysql } from '@lockstep/testing/servers/mysql'
import { once } from 'node:events'
import { createPool, type RowDataPacket } from 'mysql2/promise'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('transactions', startOwnMysql, (server: OwnMysqlServer) => {
  const sql = (text: string, ...values: unknown[]): Promise<RowDataPacket[]> =>
    server.command(`USE ${server.database}; ${text}`, values)

  describe('transactions', () => {
    let adapter: MysqlAdapter
    let state: ClusterState
    let name: string
    let tests = 0

    beforeEach(async () => {
      name = `lock ${(tests += 1)}`
      adapter = mysql({ uri: server.uri })
      state = await createClusterState({ adapter })
      await sql('CREATE TABLE IF NOT EXISTS accounts (id VARCHAR(64) PRIMARY KEY, balance INT NOT NULL)')
      await sql('REPLACE INTO accounts VALUES (?, 100)', name)
    })
    afterEach(() => state.close())

    const balance = async (id = name): Promise<unknown> => {
      const pool = createPool({ uri: server.uri })
      const [[row]] = await pool.query<RowDataPacket[]>('SELECT balance FROM accounts WHERE id = ?', [id])
      await pool.end()
      return row?.['balance']
    }
    const withdraw = (lease: Lease, amount: number, before = async (): Promise<void> => {}): Promise<string> =>
      adapter.withTransaction(lease, async (connection) => {
        await connection.execute('UPDATE accounts SET balance = balance - ? WHERE id = ?', [amount, name])
        await before()
        return 'done'
      })

    test('what a holder does in a transaction is committed', async () => {
      await using lease = await state.locks.acquire(name)
      expect(await withdraw(lease, 30)).toBe('done')
      expect(await balance()).toBe(70)
    })

    test('what a stale holder does is rolled back, though its function has returned', async () => {
      const stale = await state.locks.acquire(name, { ttl: 200, autoExtend: false })
      const newer = await createClusterState({ adapter: mysql({ uri: server.uri }) })
      const refused = withdraw(stale, 50, async () => {
        await using lease = await newer.locks.acquire(name)
        expect(lease.token).toBeGreaterThan(stale.token)
      })
      await expect(refused).rejects.toMatchObject({ code: 'LOCKSTEP_LEASE_LOST' })
      expect(await balance()).toBe(100)
      await newer.close()
    })

    test('a holder whose row says otherwise is refused by the database, whatever its own clock says', async () => {
      await using lease = await state.locks.acquire(name, { ttl: 60_000 })
      await sql(
        'UPDATE lockstep_locks SET last_token = last_token + 100, token = token + 100, owner = ? WHERE name = ?',
        'thief',
        name,
      )
      expect(lease.held).toBe(true)
      await expect(withdraw(lease, 50)).rejects.toMatchObject({ code: 'LOCKSTEP_LEASE_LOST' })
      expect(await balance()).toBe(100)
    })

    test('nobody can take the lock between the check and COMMIT', async () => {
      await using lease = await state.locks.acquire(name, { ttl: 400, autoExtend: false })
      const pool = createPool({ uri: server.uri })
      const connection = await pool.getConnection()
      await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
      await connection.beginTransaction()
      await adapter.assertHeld((text, values) => connection.execute(text, values as Buffer[]), lease)
      const other = await createClusterState({ adapter: mysql({ uri: server.uri }) })
      const next = other.locks.acquire(name, { wait: 5_000 })
      if (!lease.signal.aborted) await once(lease.signal, 'abort')
      const first = await Promise.race([
        next.then(() => 'taken'),
        new Promise((resolve) => setTimeout(resolve, 300, 'kept')),
      ])
      expect(first).toBe('kept')
      await connection.commit()
      expect((await next).token).toBeGreaterThan(lease.token)
      connection.release()
      await pool.end()
      await other.close()
    })

    test('a lease of another store raises a fence row first, and an older one is refused', async () => {
      const others = await createClusterState({ adapter: memory() })
      const older = await others.locks.acquire(name, { ttl: 100, autoExtend: false })
      if (!older.signal.aborted) await once(older.signal, 'abort')
      const newer = await others.locks.acquire(name)
      const write = (lease: Lease, value: number): Promise<unknown> =>
        adapter.withTransaction(lease, { resource: `account:${name}` }, (connection) =>
          connection.execute('UPDATE accounts SET balance = ? WHERE id = ?', [value, name]),
        )
      await write(newer, 1)
      const stale = { ...leaseOf(older), assertHeld: () => {} }
      await expect(write(stale, 2)).rejects.toMatchObject({ code: 'LOCKSTEP_STALE_TOKEN' })
      await write(newer, 3)
      expect(await balance()).toBe(3)
      await others.close()
    })

    test("the textbook sale in a table of one's own sells exactly what there is", async () => {
      await sql('UPDATE accounts SET balance = 20 WHERE id = ?', name)
      const buy = (): Promise<boolean> =>
        adapter.transaction(async (connection) => {
          const [[row]] = await connection.execute<RowDataPacket[]>(
            'SELECT balance FROM accounts WHERE id = ? FOR UPDATE',
            [name],
          )
          if (row?.['balance'] === 0) return false
          await connection.execute('UPDATE accounts SET balance = balance - 1 WHERE id = ?', [name])
          return true
        })
      const bought = await Promise.all(Array.from({ length: 60 }, buy))
      expect(bought.filter(Boolean)).toHaveLength(20)
      expect(await balance()).toBe(0)
    })

    test('deadlocks are run again and reach nobody', async () => {
      await sql('REPLACE INTO accounts VALUES (?, 100)', `${name} b`)
      let runs = 0
      const transfer = (from: string, to: string): Promise<void> =>
        adapter.transaction(async (connection) => {
          runs += 1
          await connection.execute('UPDATE accounts SET balance = balance - 1 WHERE id = ?', [from])
          await connection.execute('UPDATE accounts SET balance = balance + 1 WHERE id = ?', [to])
        })
      const transfers = Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0 ? transfer(name, `${name} b`) : transfer(`${name} b`, name),
      )
      await Promise.all(transfers)
      expect(runs).toBeGreaterThan(100)
      expect([await balance(), await balance(`${name} b`)]).toEqual([100, 100])
    })

    const transferCarelessly = (from: string, to: string): Promise<void> =>
      adapter.transaction(async (connection) => {
        await connection.execute('UPDATE accounts SET balance = balance - 1 WHERE id = ?', [from]).catch(() => {})
        await connection.execute('UPDATE accounts SET balance = balance + 1 WHERE id = ?', [to]).catch(() => {})
      })

    test('a deadlock that the function swallows commits nothing by halves', async () => {
      await sql('REPLACE INTO accounts VALUES (?, 100)', `${name} b`)
      await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          index % 2 === 0 ? transferCarelessly(name, `${name} b`) : transferCarelessly(`${name} b`, name),
        ),
      )
      expect([await balance(), await balance(`${name} b`)]).toEqual([100, 100])
    })

    test('what the function throws is what the caller gets, and nothing is committed', async () => {
      const reason = new Error('no')
      const failing = adapter.transaction(async (connection) => {
        await connection.execute('UPDATE accounts SET balance = 0 WHERE id = ?', [name])
        throw reason
      })
      await expect(failing).rejects.toBe(reason)
      expect(await balance()).toBe(100)
    })

    test('an aborted transaction is rolled back and rejects with the reason', async () => {
      const controller = new AbortController()
      const reason = new Error('the user has left')
      const aborted = adapter.transaction(
        async (connection) => {
          await connection.execute('UPDATE accounts SET balance = 0 WHERE id = ?', [name])
          controller.abort(reason)
        },
        { signal: controller.signal },
      )
      await expect(aborted).rejects.toBe(reason)
      expect(await balance()).toBe(100)
    })

    test('without a state there is no connection, and it says so', async () => {
      await expect(mysql({ uri: server.uri }).transaction(async () => {})).rejects.toMatchObject({
        code: 'LOCKSTEP_CLOSED',
      })
    })
  })
})

function leaseOf({ name, token }: Lease): Lease {
  return { name, token } as Lease
}
