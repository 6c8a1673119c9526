import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from '@lockstep/testing/ports'
import { TestProcess } from '@lockstep/testing/processes'
import { describe, expect, test, vi } from 'vitest'
import { type Backend, backendOf } from '../src/backend.ts'
import { startOwnServer } from '../src/own-server.ts'
import { routesOn } from '../src/tally.ts'
import { ask, Customers } from './customers.ts'
import { openShop } from './open-shop.ts'
import { main, run } from './run.ts'
import type { TestServer } from './servers.ts'

export interface TestedStore {
  readonly backend: Backend
  /** Why there is no server to test with, for titles; nothing where there is one. */
  readonly without: string
  /** What the sale says when there is none to start, and when the one that is named does not answer. */
  readonly missing: RegExp
  readonly silent: RegExp
  readonly start: () => Promise<TestServer>
}

/** The backend of this adapter. */
export function knownBackend(adapter: string): Backend {
  const backend = backendOf(adapter)
  if (!backend) throw new Error(`${adapter} has no server`)
  return backend
}

const inTurn = { concurrent: false }

const patience = { timeout: 10_000 }

/** What a sale on a server promises, whatever the server: whoever starts it, and whoever dies. */
export function testSaleOn({ backend, without, missing, silent, start }: TestedStore): void {
  const { adapter, variable, url } = backend
  const exact = routesOn(adapter).filter((route) => route !== 'naive')
  /** What waits more than it works does not wait for the others. */
  const onServer = { concurrent: true, skip: without !== '' }

  test.concurrent(`without a server for ${adapter} the sale ends with how to get one`, async () => {
    const { code, stdout, stderr } = await run(['--adapter', adapter, '--once', '--json'], { PATH: '' })

    expect(stderr).toMatch(missing)
    expect(stderr.split('\n')).toHaveLength(2)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  test.concurrent(`a server for ${adapter} that does not answer is told once, without its password`, async () => {
    const { protocol, pathname } = new URL(url)
    const given = `${protocol}//clerk:secret@127.0.0.1:${await freePort()}${pathname}`
    const { code, stderr } = await run(['--adapter', adapter, '--once'], { [variable]: given })

    expect(stderr).toMatch(silent)
    expect(stderr.split('\n')).toHaveLength(2)
    expect(stderr).not.toContain('secret')
    expect(code).toBe(1)
  })

  test(
    `--once --json --kill: a server for ${adapter} is started, workers die, and the sale is exact${without}`,
    { ...onServer, timeout: 120_000 },
    async () => {
      const done = await run(['--adapter', adapter, '--once', '--json', '--kill'])
      expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\{.*\}\n$/) })
      const result = JSON.parse(done.stdout)

      expect(Object.keys(result)).toEqual(['adapter', 'workers', 'stock', 'kills', ...routesOn(adapter)])
      expect(result.adapter).toBe(adapter)
      expect(result.kills).toBeGreaterThanOrEqual(9)
      for (const route of exact) {
        const { sold, unknown, oversold, left } = result[route]
        expect(oversold).toBe(0)
        expect(sold).toBeLessThanOrEqual(500 - left)
        expect(500 - left).toBeLessThanOrEqual(sold + unknown)
      }
    },
  )

  test(`Ctrl-C closes a sale that has started its server for ${adapter}${without}`, onServer, async () => {
    await using shop = new TestProcess(main, { args: ['--adapter', adapter], env: { [variable]: '' } })
    await vi.waitFor(() => expect(shop.output).toMatch(/open at http/), { timeout: 20_000 })
    // A terminal sends it to the whole group.
    process.kill(-shop.pid, 'SIGINT')
    expect(await shop.exited).toEqual({ code: 0, signal: null })
  })

  test(`the server for ${adapter} that was started ends with the sale${without}`, onServer, async () => {
    const server = await startOwnServer(backend)
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

  describe(`on one server for ${adapter}${without}`, onServer, () => {
    test('two shops sell one stock, every unit once', { ...inTurn, timeout: 120_000 }, async () => {
      const stock = 100
      const options = ['--sale', 'friday', '--stock', String(stock)]
      await using server = await start()
      await using first = await openShop(backend, server.url, ...options)
      expect(first.greeting).toMatch(/^The sale friday is open at .* \(2 workers, \w+\)/)
      for (const route of exact) {
        await new Customers(first.url, `${route}-friday`, route).openSale()
        const { body } = await ask(`${first.url}/sales/${route}-friday/${route}`, 'POST')
        expect(body).toMatchObject({ sold: true, unit: stock })
      }

      await using second = await openShop(backend, server.url, ...options)
      for (const route of exact) {
        const shops = [first, second].map((shop) => new Customers(shop.url, `${route}-friday`, route))
        await Promise.all(shops.map((customers) => customers.openSale()))
        // The second shop has joined the sale, and what was sold stays sold.
        for (const customers of shops) expect(await customers.left()).toBe(stock - 1)

        await Promise.all(shops.map((customers) => customers.buy(10)))
        for (const { units } of shops) expect(units.length).toBeGreaterThan(0)
        const units = shops.flatMap((customers) => customers.units)
        expect(new Set(units).size).toBe(units.length)
        expect(units.filter((unit) => !(unit >= 1 && unit < stock))).toEqual([])
        // On a busy machine somebody may have got a unit and no answer in time.
        const unknown = shops.reduce((sum, customers) => sum + customers.unknown, 0)
        expect(units.length).toBeGreaterThanOrEqual(stock - 1 - unknown)
        for (const customers of shops) expect(await customers.left()).toBe(0)
      }

      // The primary sends the first board a moment after the shop has opened.
      const board = { body: { adapter, sale: 'friday', stock } }
      await vi.waitFor(async () => expect(await ask(`${second.url}/board`)).toMatchObject(board), patience)
    })

    test(
      'two rushes at once have sold together what has left the stock, and nobody may change it',
      { ...inTurn, timeout: 120_000 },
      async () => {
        await using server = await start()
        const rush = (stock: number): ReturnType<typeof run> => {
          const args = ['--once', '--json', '--workers', '1', '--adapter', adapter, '--sale', 'monday']
          return run([...args, '--stock', String(stock)], { [variable]: server.url })
        }
        const rushes = await Promise.all([rush(100), rush(100)])

        expect(rushes).toMatchObject([{ code: 0 }, { code: 0 }])
        const results = rushes.map(({ stdout }) => JSON.parse(stdout))
        for (const route of exact) {
          const sum = (figure: string): number => results.reduce((total, result) => total + result[route][figure], 0)
          const taken = 100 - Math.min(...results.map((result) => result[route].left))
          expect(sum('sold')).toBeLessThanOrEqual(taken)
          expect(taken).toBeLessThanOrEqual(sum('sold') + sum('unknown'))
        }
        expect(await rush(101)).toMatchObject({ code: 1, stderr: expect.stringContaining('need the same --stock') })
      },
    )

    test('a server that is killed: the shop says so, comes back with it, and is exact', inTurn, async () => {
      const stock = 10_000
      await using server = await start()
      await using shop = await openShop(backend, server.url, '--stock', String(stock))
      const sales = exact.map((route) => new Customers(shop.url, route, route))
      await Promise.all(sales.map((customers) => customers.openSale()))

      const closing = new AbortController()
      const selling = Promise.all(sales.map((customers) => customers.buy(4, closing.signal)))
      const sold = (): readonly number[] => sales.map(({ units }) => units.length)
      try {
        await vi.waitFor(() => expect(Math.min(...sold())).toBeGreaterThan(10), patience)
        await server.kill()
        const away = { refusals: expect.arrayContaining(['503 LOCKSTEP_UNAVAILABLE']) }
        await vi.waitFor(() => expect(sales).toMatchObject(sales.map(() => away)), patience)
        expect(await ask(`${shop.url}/health/ready`)).toMatchObject({ status: 503, body: { status: 'down' } })

        const before = sold()
        await server.restart()
        await vi.waitFor(() => expect(sold().every((now, sale) => now > Number(before[sale]))).toBe(true), patience)
      } finally {
        closing.abort()
        await selling
      }
      for (const customers of sales) {
        const { units, unknown, refusals } = customers
        const taken = stock - Number(await customers.left())
        expect(new Set(units).size).toBe(units.length)
        expect(taken).toBeGreaterThanOrEqual(units.length)
        expect(taken).toBeLessThanOrEqual(units.length + unknown)
        // Every failure has a code of ours.
        expect(refusals.filter((refusal) => !/^50[34] LOCKSTEP_/.test(refusal))).toEqual([])
      }
    })
  })
}
