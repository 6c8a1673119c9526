import { createClusterState, type ClusterState } from '@lockstep/state'
import { mysql, type MysqlOptions, schema } from '@lockstep/state-mysql'
import { freePort } from '@lockstep/testing/ports'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { createServer } from 'node:net'
import { createPool } from 'mysql2'
import { createPool as createPromisePool } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

const open = (options: MysqlOptions): Promise<ClusterState> => createClusterState({ adapter: mysql(options) })

describe('options', () => {
  test.for([
    [{ url: 'mysql://127.0.0.1/a' }, /no option url; it knows uri/],
    [{ uri: 'redis://127.0.0.1' }, /uri must be like mysql:\/\/user/],
    [{ uri: 'mysql://127.0.0.1:3306' }, /uri must be like/],
    [{ uri: 'mysql://127.0.0.1/a', pool: {} }, /takes one of uri and pool/],
    [{ pool: {} }, /pool must be what createPool/],
    [{ prefix: 'x`; DROP TABLE t;--' }, /prefix must be 1 to 32 letters/],
    [{ prefix: '' }, /prefix must be/],
    [{ prefix: 'Ünï' }, /prefix must be/],
    [{ prefix: 'x'.repeat(33) }, /prefix must be/],
    [{ prefix: '1st_' }, /not begin with a digit/],
    [{ connectionLimit: 1 }, /connectionLimit must be a whole number from 2/],
    [{ connectTimeout: 0 }, /connectTimeout must be a whole number of milliseconds from 1/],
    [{ autoMigrate: 'no' }, /autoMigrate must be true or false/],
    ['mysql://127.0.0.1', /must be an object/],
  ] as const)('%o is refused before anything is opened', ([options, message]) => {
    expect(() => mysql(options as MysqlOptions)).toThrow(message)
  })

  test('a refusal never shows what could be a password', () => {
    const uri = 'postgres://root:secret@127.0.0.1/a'
    expect(() => mysql({ uri })).toThrow(/uri must be/)
    expect(() => mysql({ uri })).not.toThrow(/secret/)
  })
})

describe('no server', () => {
  test('a port where nobody listens is named, in bounded time, without the password', async () => {
    const port = await freePort()
    const error = await open({ uri: `mysql://root:secret@127.0.0.1:${port}/shop`, connectTimeout: 500 }).catch(String)
    expect(error).toMatch(new RegExp(`127.0.0.1:${port}/shop cannot be used|did not take the request`))
    expect(error).not.toContain('secret')
  })

  test('a server that accepts and says nothing is given up by connectTimeout', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as { port: number }
    const started = performance.now()
    await expect(open({ uri: `mysql://root@127.0.0.1:${port}/shop`, connectTimeout: 700 })).rejects.toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
    })
    expect(performance.now() - started).toBeLessThan(3_000)
    silent.close()
  })
})

await withServer('connecting', startOwnMysql, (server) => {
  const { host, port, database, uri } = server
  const as = (user: string): string => `mysql://${user}:right@${host}:${port}/${database}`

  test('wrong credentials are refused at once, and no message holds them', async () => {
    const started = performance.now()
    const error = await open({ uri: `mysql://nobody:secret@${host}:${port}/${database}` }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE', message: expect.stringMatching(/password is wrong/) })
    expect(JSON.stringify([String(error), error, String((error as Error).cause)])).not.toContain('secret')
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('an unknown database is refused with what to do', async () => {
    await expect(open({ uri: `mysql://root@${host}:${port}/nowhere` })).rejects.toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
      message: expect.stringMatching(/no such database: create it first/),
    })
  })

  test('who may not create tables is told how to get them, and works on those that are there', async () => {
    await server.command(
      `CREATE USER dml@'%' IDENTIFIED BY 'right'; GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.* TO dml@'%'`,
    )
    await expect(open({ uri: as('dml'), prefix: 'dml_' })).rejects.toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
      message: expect.stringMatching(/README of @lockstep\/state-mysql lists the rights/),
    })
    await expect(open({ uri: as('dml'), prefix: 'dml_', autoMigrate: false })).rejects.toMatchObject({
      message: expect.stringMatching(/there are no tables dml_\*/),
    })
    await server.command(`USE ${database}; ${schema({ prefix: 'dml_' })}`)
    const state = await open({ uri: as('dml'), prefix: 'dml_', autoMigrate: false })
    expect(await state.counters.add('stock', 3)).toMatchObject({ value: 3 })
    await state.close()
  })

  test('tables of a newer version are refused and left alone', async () => {
    const state = await open({ uri, prefix: 'newer_' })
    await state.close()
    await server.command(`USE ${database}; UPDATE newer_meta SET version = 99`)
    await expect(open({ uri, prefix: 'newer_' })).rejects.toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
      message: expect.stringMatching(/have version 99, and this @lockstep\/state-mysql knows version 1/),
    })
    expect(await server.command(`SELECT version FROM ${database}.newer_meta`)).toEqual([{ version: 99 }])
  })

  test('sixteen processes that start at once make the tables once', async () => {
    const states = await Promise.all(
      Array.from({ length: 16 }, () => open({ uri, prefix: 'storm_', connectionLimit: 2 })),
    )
    await Promise.all(states.map((state) => state.counters.add('all', 1)))
    expect(await states[0]?.counters.get('all')).toBe(16)
    await Promise.all(states.map((state) => state.close()))
  })

  test('too many connections are an error in bounded time, and none when there are fewer', async () => {
    await server.command(
      `CREATE USER few@'%' IDENTIFIED BY 'right' WITH MAX_USER_CONNECTIONS 2; GRANT ALL ON ${database}.* TO few@'%'`,
    )
    const first = await open({ uri: as('few'), connectionLimit: 2 })
    await Promise.all([first.counters.add('few', 1), first.counters.add('few too', 1)])
    const started = performance.now()
    await expect(open({ uri: as('few'), connectTimeout: 500 })).rejects.toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
      message: expect.stringMatching(/too many connections/),
    })
    expect(performance.now() - started).toBeLessThan(3_000)
    await first.close()
    const second = await open({ uri: as('few') })
    // More at once than connections are allowed: the others are tried again until one is free.
    await Promise.all(Array.from({ length: 20 }, (_, index) => second.counters.add(`few ${index}`, 1)))
    await second.close()
  })

  test('a passed pool works, of mysql2 and of mysql2/promise, and stays open', async () => {
    const config = { uri, connectionLimit: 4, supportBigNumbers: true, bigNumberStrings: true, rowsAsArray: true }
    const pools = [
      createPool({ ...config, flags: ['-FOUND_ROWS'] }),
      createPromisePool({ ...config, dateStrings: true }),
    ]
    for (const [index, pool] of pools.entries()) {
      const state = await open({ pool })
      const name = `passed ${index}`
      expect(await state.counters.add(name, 2)).toEqual({ applied: true, value: 2, expiresIn: null })
      expect(await state.counters.take(name, 3)).toBeNull()
      expect(await state.counters.take(name)).toBe(1)
      await using lease = await state.locks.acquire(name)
      expect(await state.entries.set(name, 'ü', { fence: lease })).toMatchObject({ applied: true })
      expect(await state.entries.get(name)).toMatchObject({ value: 'ü' })
      await lease.release()
      await state.close()
    }
    const [plain, promised] = pools
    const left = await new Promise((resolve) => (plain as ReturnType<typeof createPool>).query('SELECT 1', resolve))
    expect(left).toBeNull()
    await expect((promised as ReturnType<typeof createPromisePool>).query('SELECT 1')).resolves.toBeDefined()
    await (promised as ReturnType<typeof createPromisePool>).end()
    await new Promise<void>((resolve) => (plain as ReturnType<typeof createPool>).end(() => resolve()))
  })

  test.for([
    ["SET SESSION sql_mode = 'SIMULTANEOUS_ASSIGNMENT'", /SIMULTANEOUS_ASSIGNMENT/],
    ['SET SESSION autocommit = 0', /autocommit off/],
    ['SET NAMES latin1', /charset other than utf8mb4/],
  ] as const)('a passed pool that would give wrong answers is refused: %s', async ([statement, message]) => {
    const pool = createPool({ uri, connectionLimit: 2 })
    pool.on('connection', (connection) => connection.query(statement))
    const opening = open({ pool })
    await expect(opening).rejects.toMatchObject({ code: 'LOCKSTEP_INVALID_ARGUMENT' })
    await expect(opening).rejects.toThrow(message)
    await new Promise<void>((resolve) => pool.end(() => resolve()))
  })

  test('what the server prefers for new sessions changes no answer', async () => {
    const before = await open({ uri })
    await before.counters.set('preferences', 5)
    await server.command(
      "SET GLOBAL sql_mode = 'ANSI_QUOTES,SIMULTANEOUS_ASSIGNMENT,NO_BACKSLASH_ESCAPES', GLOBAL time_zone = '+09:00', GLOBAL autocommit = 0",
    )
    try {
      const after = await open({ uri })
      expect(await after.counters.take('preferences')).toBe(4)
      const lease = await after.locks.acquire('preferences')
      expect(lease.token).toBeGreaterThan((Date.now() - 60_000) * 1_000)
      expect(lease.token).toBeLessThan((Date.now() + 60_000) * 1_000)
      expect(await before.locks.tryAcquire('preferences')).toBeNull()
      await lease.release()
      expect((await before.locks.acquire('preferences')).token).toBeGreaterThan(lease.token)
      await Promise.all([before.close(), after.close()])
    } finally {
      await server.command("SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = 'SYSTEM', GLOBAL autocommit = 1")
    }
  })

  test('health says what an acknowledged write survives, and names what weakens it', async () => {
    const state = await open({ uri })
    expect((await state.health()).adapters[0]).toMatchObject({
      status: 'up',
      durability: expect.stringMatching(/survive a crash of the server and of its machine/),
      warnings: [],
    })
    await state.close()
    await server.command('SET GLOBAL innodb_flush_log_at_trx_commit = 2')
    const other = await open({ uri })
    expect((await other.health()).adapters[0]).toMatchObject({
      durability: expect.stringMatching(/those of the last second are lost in a crash of its machine/),
      warnings: [expect.stringMatching(/^innodb_flush_log_at_trx_commit 2/)],
    })
    await server.command('SET GLOBAL innodb_flush_log_at_trx_commit = 1')
    await other.close()
  })
})
