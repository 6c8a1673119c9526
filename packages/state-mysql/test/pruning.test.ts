import { createClusterState } from '@lockstep/state'
import { mysql } from '@lockstep/state-mysql'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test, vi } from 'vitest'
import { Database } from '../src/database.ts'
import { openPool } from '../src/pool.ts'
import { checkOptions } from '../src/options.ts'
import { Pruning } from '../src/pruning.ts'
import { tablesOf } from '../src/sql.ts'
import { withServer } from '@lockstep/testing/with-server'

const twoDays = 2 * 86_400_000_000

await withServer('pruning', startOwnMysql, (server) => {
  test('what has been over for a day is deleted, by one of those who look, and what is not stays', async () => {
    const state = await createClusterState({ adapter: mysql({ uri: server.uri }) })
    const lease = await state.locks.acquire('lock')
    for (const name of ['released', 'forgotten']) await (await state.locks.acquire(name)).release()
    for (const name of ['old', 'new']) {
      await state.counters.add(name, 1, { operationId: name, fence: lease })
      await state.entries.set(name, name, { fence: lease })
    }
    await state.counters.add('gone', 1, { ttl: 1, fence: lease })
    await Promise.all([state.counters.delete('old', { fence: lease }), state.entries.delete('old', { fence: lease })])
    await server.command(`USE ${server.database};
      UPDATE lockstep_counters SET expires_us = expires_us - ${twoDays} WHERE name IN ('old', 'gone');
      UPDATE lockstep_entries SET expires_us = expires_us - ${twoDays} WHERE name = 'old';
      UPDATE lockstep_locks SET last_token = last_token - ${twoDays} WHERE name IN ('lock', 'forgotten');
      UPDATE lockstep_operations SET expires_us = expires_us - ${twoDays} WHERE id = 'old';
      UPDATE lockstep_fences SET touched_us = touched_us - ${twoDays}`)
    const options = checkOptions({ uri: server.uri })
    const open = openPool(options)
    const database = new Database({ ...open, commandTimeout: 3_000, readCommitted: true })
    const prunings = [0, 1].map(() => new Pruning(database, tablesOf('lockstep_')))
    const spy = vi.spyOn(database, 'run')
    await Promise.all(prunings.map((pruning) => pruning.prune()))
    const rows = async (sql: string) => (await server.command(`USE ${server.database}; ${sql}`)).flat() as unknown[]
    const namesIn = async (table: string, column = 'name') =>
      (await rows(`SELECT CAST(${column} AS CHAR) AS it FROM lockstep_${table} ORDER BY it`)).flatMap(
        (row) => (row as { it?: string }).it ?? [],
      )
    expect(await namesIn('counters')).toEqual(['new'])
    expect(await namesIn('entries')).toEqual(['new'])
    expect(await namesIn('operations', 'id')).toEqual(['new'])
    expect(await namesIn('fences', 'resource')).toEqual(['cnew', 'enew'])
    // Held since long ago; and released just now, so that its token must go on growing whatever the clock does.
    expect(await namesIn('locks')).toEqual(['lock', 'released'])
    // Two looked, one claimed, and that one made the five deletions.
    expect(spy).toHaveBeenCalledTimes(2 + 5)
    for (const pruning of prunings) pruning.close()
    await open.close()
    await lease.release()
    await state.close()
  })
})
