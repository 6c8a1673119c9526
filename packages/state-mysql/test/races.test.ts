import { createClusterState, type ClusterState } from '@lockstep/state'
import { mysql } from '@lockstep/state-mysql'
import { type OwnMysqlServer, startOwnMysql } from '@lockstep/testing/servers/mysql'
import { until } from '@lockstep/testing/until'
import { once } from 'node:events'
import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('races', startOwnMysql, (server: OwnMysqlServer) => {
  /** The connections whose present statement is like this. */
  const running = async (like: string): Promise<number[]> => {
    const rows = await server.command(
      'SELECT id FROM information_schema.processlist WHERE info LIKE ? AND id <> CONNECTION_ID()',
      [like],
    )
    return rows.map(({ id }) => Number(id))
  }
  const waiting = (like: string, count: number): Promise<unknown> =>
    until(`${count} statements like ${like}`, async () => (await running(like)).length === count)

  describe('statements that wait', () => {
    let state: ClusterState
    /** Of another process, as it were: changes of one state and name go together. */
    let other: ClusterState
    let blocker: Connection

    beforeAll(async () => {
      state = await createClusterState({ adapter: mysql({ uri: server.uri }) })
      other = await createClusterState({ adapter: mysql({ uri: server.uri }) })
      blocker = await createConnection({ uri: server.uri, multipleStatements: true })
    })
    afterAll(async () => {
      await blocker.end()
      await Promise.all([state.close(), other.close()])
    })

    test('a transaction whose connection is killed before COMMIT is run again, for nothing of it was applied', async () => {
      await using lease = await state.locks.acquire('cut')
      await state.counters.set('cut', 5)
      await blocker.query("BEGIN; SELECT * FROM lockstep_counters WHERE name = 'cut' FOR UPDATE")
      const added = state.counters.add('cut', 1, { fence: lease }).catch((error: unknown) => error)
      await waiting('%FROM `lockstep_counters`%FOR UPDATE%', 1)
      for (const id of await running('%FROM `lockstep_counters`%FOR UPDATE%')) await server.command(`KILL ${id}`)
      await Promise.race([added, waiting('%FROM `lockstep_counters`%FOR UPDATE%', 1)])
      await blocker.query('ROLLBACK')
      expect(await added).toMatchObject({ applied: true, value: 6 })
      expect(await state.counters.get('cut')).toBe(6)
    })

    test('a lock whose row somebody keeps locked costs the process no other lease', async () => {
      // Taken at once, so that they are extended together.
      const [blocked, kept] = await Promise.all(
        ['blocked', 'kept'].map((name) => state.locks.acquire(name, { ttl: 1_500 })),
      )
      await blocker.query("BEGIN; SELECT * FROM lockstep_locks WHERE name = 'blocked' FOR UPDATE")
      if (blocked?.signal.aborted === false) await once(blocked.signal, 'abort')
      expect(kept?.held).toBe(true)
      await blocker.query('ROLLBACK')
      await kept?.release()
    })

    test.for([
      { what: 'a touch', change: () => other.entries.touch('over', 60_000) },
      { what: 'a set of its version', change: (ifVersion: number) => other.entries.set('over', 'late', { ifVersion }) },
    ])('$what that began before a deletion and comes after it revives nothing', async ({ change }) => {
      const results: unknown[] = []
      for (let round = 0; round < 10; round += 1) {
        const { version } = await state.entries.set('over', 'first')
        await blocker.query('LOCK TABLES lockstep_entries WRITE')
        const changed = change(version)
        await waiting('UPDATE `lockstep_entries`%', 1)
        const deleted = state.entries.delete('over')
        await waiting('UPDATE `lockstep_entries`%', 2)
        // Both go on at once, and either may have the row first.
        await blocker.query('UNLOCK TABLES')
        await Promise.all([changed, deleted])
        results.push(await state.entries.get('over'))
      }
      expect(results).toEqual(results.map(() => null))
    })

    test('an addition that began before the deletion of its counter and comes after it counts', async () => {
      await using lease = await state.locks.acquire('over')
      const values: unknown[] = []
      for (let round = 0; round < 40; round += 1) {
        await state.counters.set('over', 5, { fence: lease })
        await blocker.query('LOCK TABLES lockstep_counters WRITE')
        const added = other.counters.add('over', 1, { fence: lease })
        await waiting('SELECT%FROM `lockstep_counters`%FOR UPDATE', 1)
        const deleted = state.counters.delete('over')
        await waiting('SELECT%FROM `lockstep_counters`%FOR UPDATE', 2)
        await blocker.query('UNLOCK TABLES')
        const [{ value }] = await Promise.all([added, deleted])
        values.push({ value, left: await state.counters.get('over') })
      }
      for (const one of values)
        expect([
          { value: 6, left: 0 },
          { value: 1, left: 1 },
        ]).toContainEqual(one)
    })

    test.for([
      { what: 'the clock of the database was set back', ahead: 3_600_000_000, least: 17 },
      { what: 'it was held long ago', ahead: -3_600_000_000, least: 1 },
    ])('a token is at least the clock and greater than all before it, though $what', async ({ ahead, least }) => {
      const name = `token ${ahead}`
      const before = await state.locks.acquire(name)
      await before.release()
      await server.command(
        `UPDATE ${server.database}.lockstep_locks SET token = token + ?, last_token = last_token + ? WHERE name = ?`,
        [ahead, ahead, name],
      )
      const next = await other.locks.acquire(name)
      expect(next.token).toBeGreaterThan(before.token + Math.max(0, ahead))
      await next.release()
      // Those that its process may hand on are not given to another.
      expect((await state.locks.acquire(name)).token).toBeGreaterThanOrEqual(next.token + least)
    })

    test('addAll changes the counters that it names, whatever their characters', async () => {
      // In UTF-16 the second comes first, in UTF-8 the first.
      const [bmp, astral] = ['\uff01', '\u{1f600}']
      const additions = [
        { name: bmp, delta: 1 },
        { name: astral, delta: 10 },
      ]
      expect(await state.counters.addAll(additions)).toEqual({ applied: true, values: [1, 10] })
      expect(await state.counters.addAll(additions, { operationId: 'again' })).toEqual({
        applied: true,
        values: [2, 20],
      })
      expect([await state.counters.get(bmp), await state.counters.get(astral)]).toEqual([2, 20])
    })
  })
})
