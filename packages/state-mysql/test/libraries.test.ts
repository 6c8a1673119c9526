import { type ClusterState, createClusterState, type Lease } from '@lockstep/state'
import { mysql, type MysqlAdapter } from '@lockstep/state-mysql'
import { startMysql } from '@lockstep/testing/servers/mysql'
import { eq, sql as drizzleSql } from 'drizzle-orm'
import { mysqlTable, varchar } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import knexOf from 'knex'
import { CompiledQuery, Kysely, MysqlDialect } from 'kysely'
import { createPool } from 'mysql2'
import { createPool as createPromisePool } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

interface Tables {
  lib_orders: { id: string; state: string }
}
const orders = mysqlTable('lib_orders', {
  id: varchar('id', { length: 64 }).primaryKey(),
  state: varchar('state', { length: 64 }).notNull(),
})

await withServer('libraries', startMysql, ({ uri }) => {
  describe('transactions of other libraries that ask assertHeld last', () => {
    const knex = knexOf({ client: 'mysql2', connection: uri })
    const kysely = new Kysely<Tables>({ dialect: new MysqlDialect({ pool: createPool({ uri }) }) })
    const pool = createPromisePool({ uri })
    const db = drizzle(pool)
    let adapter: MysqlAdapter
    let state: ClusterState
    let other: ClusterState
    let id: string
    let tests = 0

    beforeAll(async () => {
      adapter = mysql({ uri })
      state = await createClusterState({ adapter })
      other = await createClusterState({ adapter: mysql({ uri }) })
      await knex.raw('CREATE TABLE IF NOT EXISTS lib_orders (id VARCHAR(64) PRIMARY KEY, state VARCHAR(64) NOT NULL)')
    })
    afterAll(async () => {
      await Promise.all([state.close(), other.close(), knex.destroy(), kysely.destroy(), pool.end()])
    })
    beforeEach(async () => {
      id = `order:${(tests += 1)}`
      await knex.raw("REPLACE INTO lib_orders VALUES (?, 'new')", [id])
    })

    /** Each sets the order to 'paid', with `before` before its check. */
    const libraries = {
      knex: (lease: Lease, before: () => Promise<void>) =>
        knex.transaction(
          async (trx) => {
            await trx('lib_orders').where({ id }).update({ state: 'paid' })
            await before()
            await adapter.assertHeld((sql, values) => trx.raw(sql, values as never), lease)
          },
          { isolationLevel: 'read committed' },
        ),
      kysely: (lease: Lease, before: () => Promise<void>) =>
        kysely
          .transaction()
          .setIsolationLevel('read committed')
          .execute(async (trx) => {
            await trx.updateTable('lib_orders').set({ state: 'paid' }).where('id', '=', id).execute()
            await before()
            await adapter.assertHeld((sql, values) => trx.executeQuery(CompiledQuery.raw(sql, values)), lease)
          }),
      drizzle: (lease: Lease, before: () => Promise<void>) =>
        db.transaction(
          async (tx) => {
            await tx.update(orders).set({ state: 'paid' }).where(eq(orders.id, id))
            await before()
            await adapter.assertHeld((text, values) => tx.execute(withValues(text, values)), lease)
          },
          { isolationLevel: 'read committed' },
        ),
    }
    const named = Object.entries(libraries)
    const stateOf = async (): Promise<string | undefined> => {
      const row = await knex<Tables['lib_orders']>('lib_orders').where({ id }).first()
      return row?.state
    }

    test.for(named)('%s: what is done while the lock is held is committed', async ([, pay]) => {
      await using lease = await state.locks.acquire(id)
      await pay(lease, async () => {})
      expect(await stateOf()).toBe('paid')
    })

    test.for(named)('%s: what a stale holder does is rolled back, as its own clock says', async ([, pay]) => {
      const lease = await state.locks.acquire(id, { ttl: 200, autoExtend: false })
      const paying = pay(lease, async () => {
        await using next = await other.locks.acquire(id)
        expect(next.token).toBeGreaterThan(lease.token)
      })
      await expect(paying).rejects.toMatchObject({ code: 'LOCKSTEP_LEASE_LOST' })
      expect(await stateOf()).toBe('new')
    })

    test.for(named)('%s: what a stale holder does is rolled back, as the database says', async ([, pay]) => {
      await using lease = await state.locks.acquire(id, { ttl: 60_000 })
      const paying = pay(lease, async () => {
        await knex.raw('UPDATE lockstep_locks SET token = token + 100, last_token = last_token + 100 WHERE name = ?', [
          id,
        ])
      })
      await expect(paying).rejects.toMatchObject({ code: 'LOCKSTEP_LEASE_LOST' })
      expect(lease.held).toBe(true)
      expect(await stateOf()).toBe('new')
    })
  })
})

/** drizzle takes values only where they stand in the text. */
function withValues(text: string, values: readonly unknown[]) {
  const pieces = text.split('?')
  return drizzleSql.join(
    pieces.flatMap((piece, index) => [
      drizzleSql.raw(piece),
      ...values.slice(index, index + 1).map((value) => drizzleSql`${value}`),
    ]),
  )
}
