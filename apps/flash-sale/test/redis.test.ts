import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from '@lockstep/testing/ports'
import { TestProcess } from '@lockstep/testing/processes'
import { describe, expect, test, vi } from 'vitest'
import { startRedisServer } from '../src/redis-server.ts'
import { ask, Customers } from './customers.ts'
import { openShop } from './open-shop.ts'
import { startDurableRedis, withoutRedis } from './redis-server.ts'
import { main, run } from './run.ts'

/** What waits more than it works does not wait for the others. */
const onRedis = { concurrent: true, skip: withoutRedis !== '' }

const inTurn = { concurrent: false }

const patience = { timeout: 10_000 }

test.concurrent('without a redis-server the sale ends with how to get one', async () => {
  const { code, stdout, stderr } = await run(['--adapter', 'redis', '--once', '--json'], { PATH: '' })

  expect(stderr).toMatch(/^There is no redis-server .*apt-get install redis-server.* LOCKSTEP_REDIS_URL=redis:.*\n$/)
  expect(stdout).toBe('')
  expect(code).toBe(1)
})

test.concurrent('a server that does not answer is told once, without its password', async () => {
  const LOCKSTEP_REDIS_URL = `redis://clerk:secret@127.0.0.1:${await freePort()}`
  const { code, stderr } = await run(['--adapter', 'redis', '--once'], { LOCKSTEP_REDIS_URL })

  expect(stderr).toMatch(/^Redis at 127\.0\.0\.1:\d+ .*ECONNREFUSED.*\n$/)
  expect(stderr).not.toContain('secret')
  expect(code).toBe(1)
})

test(
  `--once --json --kill: a server is started, workers die, and the sale is exact${withoutRedis}`,
  { ...onRedis, timeout: 60_000 },
  async () => {
    const { code, stdout } = await run(['--adapter', 'redis', '--once', '--json', '--kill'])
    const { adapter, kills, lockstep, lock } = JSON.parse(stdout)

    expect(adapter).toBe('redis')
    expect(kills).toBeGreaterThanOrEqual(9)
    for (const { sold, unknown, oversold, left } of [lockstep, lock]) {
      expect(oversold).toBe(0)
      expect(sold).toBeLessThanOrEqual(500 - left)
      expect(500 - left).toBeLessThanOrEqual(sold + unknown)
    }
    expect(stdout.split('\n')).toHaveLength(2)
    expect(code).toBe(0)
  },
)

test(`Ctrl-C closes a sale that has started its server${withoutRedis}`, onRedis, async () => {
  await using shop = new TestProcess(main, { args: ['--adapter', 'redis'], env: { LOCKSTEP_REDIS_URL: '' } })
  await shop.line(/open at http/)
  // A terminal sends it to the whole group.
  process.kill(-shop.pid, 'SIGINT')
  expect(await shop.exited).toEqual({ code: 0, signal: null })
})

test(`the server that was started ends with the sale${withoutRedis}`, onRedis, async () => {
  const server = await startRedisServer()
  const { hostname, port } = new URL(server.url)
  const reach = async (): Promise<void> => {
    const connection = connect(Number(port), hostname)
    await once(connection, 'connect')
    connection.destroy()
  }
  await reach()
  await server[Symbol.asyncDispose]()
  await expect(reach()).rejects.toThrow('ECONNREFUSED')
})

describe(`on one Redis${withoutRedis}`, onRedis, () => {
  test('two shops sell one stock, every unit once', inTurn, async () => {
    const stock = 100
    const options = ['--sale', 'friday', '--stock', String(stock)]
    await using server = await startDurableRedis()
    await using first = await openShop(server.url, ...options)
    expect(first.greeting).toMatch(/^The sale friday is open at .* \(2 workers, redis\)/)
    for (const route of ['lockstep', 'lock']) {
      await new Customers(first.url, `${route}-friday`, route).openSale()
      const { body } = await ask(`${first.url}/sales/${route}-friday/${route}`, 'POST')
      expect(body).toMatchObject({ sold: true, unit: stock })
    }

    await using second = await openShop(server.url, ...options)
    for (const route of ['lockstep', 'lock']) {
      const shops = [first, second].map(({ url }) => new Customers(url, `${route}-friday`, route))
      await Promise.all(shops.map((customers) => customers.openSale()))
      // The second shop has joined the sale, and what was sold stays sold.
      for (const customers of shops) expect(await customers.left()).toBe(stock - 1)

      await Promise.all(shops.map((customers) => customers.buy(10)))
      for (const { units } of shops) expect(units.length).toBeGreaterThan(0)
      const units = shops.flatMap((customers) => customers.units)
      expect(units.toSorted((a, b) => a - b)).toEqual(Array.from({ length: stock - 1 }, (_, index) => index + 1))
      for (const customers of shops) expect(await customers.left()).toBe(0)
    }

    // The primary sends the first board a moment after the shop has opened.
    const board = { body: { adapter: 'redis', sale: 'friday', stock } }
    await vi.waitFor(async () => expect(await ask(`${second.url}/board`)).toMatchObject(board), patience)
  })

  test('two rushes at once have sold together what has left the stock, and nobody may change it', inTurn, async () => {
    await using server = await startDurableRedis()
    const rush = (stock: number): ReturnType<typeof run> => {
      const args = ['--once', '--json', '--workers', '1', '--adapter', 'redis', '--sale', 'monday']
      return run([...args, '--stock', String(stock)], { LOCKSTEP_REDIS_URL: server.url })
    }
    const rushes = await Promise.all([rush(100), rush(100)])

    expect(rushes).toMatchObject([{ code: 0 }, { code: 0 }])
    const results = rushes.map(({ stdout }) => JSON.parse(stdout))
    for (const route of ['lockstep', 'lock']) {
      const sum = (figure: string): number => results.reduce((total, result) => total + result[route][figure], 0)
      const taken = 100 - Math.min(...results.map((result) => result[route].left))
      expect(sum('sold')).toBeLessThanOrEqual(taken)
      expect(taken).toBeLessThanOrEqual(sum('sold') + sum('unknown'))
    }
    expect(await rush(101)).toMatchObject({ code: 1, stderr: expect.stringContaining('need the same --stock') })
  })

  test('a Redis that is killed: the shop says so, comes back with it, and is exact', inTurn, async () => {
    const stock = 10_000
    await using server = await startDurableRedis()
    await using shop = await openShop(server.url, '--stock', String(stock))
    const sales = ['lockstep', 'lock'].map((route) => new Customers(shop.url, route, route))
    await Promise.all(sales.map((customers) => customers.openSale()))

    const closing = new AbortController()
    const selling = Promise.all(sales.map((customers) => customers.buy(4, closing.signal)))
    const sold = (): readonly number[] => sales.map(({ units }) => units.length)
    try {
      await vi.waitFor(() => expect(Math.min(...sold())).toBeGreaterThan(10), patience)
      await server.kill()
      const away = expect.arrayContaining(['503 LOCKSTEP_UNAVAILABLE'])
      await vi.waitFor(() => expect(sales).toMatchObject([{ refusals: away }, { refusals: away }]), patience)
      expect(await ask(`${shop.url}/health/ready`)).toMatchObject({ status: 503, body: { status: 'down' } })

      const before = sold()
      await server.restart()
      await vi.waitFor(() => expect(sold().every((now, sale) => now > Number(before[sale]))).toBe(true), patience)
    } finally {
      closing.abort()
      await selling
    }
    for (const customers of sales) {
      const { units, unknown } = customers
      const taken = stock - Number(await customers.left())
      expect(new Set(units).size).toBe(units.length)
      expect(taken).toBeGreaterThanOrEqual(units.length)
      expect(taken).toBeLessThanOrEqual(units.length + unknown)
    }
  })
})
