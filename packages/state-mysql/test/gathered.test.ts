import { createClusterState } from '@lockstep/state'
import { mysql } from '@lockstep/state-mysql'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('reads that are made at once', startOwnMysql, (server) => {
  const names = Array.from({ length: 70 }, (_, index) => `name ${index}`)
  const statements = async () => {
    const [row] = await server.command("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")
    return Number(row?.['Value'])
  }

  test('entries are read by one statement for 32 names, each caller gets its own, and null where there is none', async () => {
    await using state = await createClusterState({ adapter: mysql({ uri: server.uri }) })
    await Promise.all(names.filter((_, index) => index % 3 > 0).map((name) => state.entries.set(name, `of ${name}`)))
    const before = await statements()
    const asked = [...names, ...names]
    const found = await Promise.all(asked.map((name) => state.entries.get(name)))
    expect((await statements()) - before).toBe(3)
    expect(found.map((entry) => entry?.value)).toEqual(
      asked.map((name, index) => ((index % names.length) % 3 > 0 ? `of ${name}` : undefined)),
    )
  })

  test('counters are, too', async () => {
    await using state = await createClusterState({ adapter: mysql({ uri: server.uri }) })
    await Promise.all(names.map((name, index) => state.counters.set(name, index)))
    const before = await statements()
    const found = await Promise.all([...names, 'none'].map((name) => state.counters.get(name)))
    expect((await statements()) - before).toBe(3)
    expect(found).toEqual([...names.keys(), 0])
  })

  test('a reading that fails is told to all that it was for', async () => {
    await using state = await createClusterState({ adapter: mysql({ uri: server.uri }) })
    await server.command(`RENAME TABLE ${server.database}.lockstep_entries TO ${server.database}.away`)
    const results = await Promise.allSettled(names.slice(0, 3).map((name) => state.entries.get(name)))
    await server.command(`RENAME TABLE ${server.database}.away TO ${server.database}.lockstep_entries`)
    expect(results.map((result) => result.status === 'rejected' && (result.reason as { code: string }).code)).toEqual(
      Array.from({ length: 3 }, () => 'LOCKSTEP_UNAVAILABLE'),
    )
    expect((await state.entries.get('name 1'))?.value).toBe('of name 1')
  })
})
