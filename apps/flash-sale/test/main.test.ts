import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { run } from './run.ts'

test('--once --json: the naive sale oversells, the others are exact, and stdout is one line', async () => {
  const { code, stdout, stderr } = await run(['--once', '--json', '--stock', '100', '--workers', '2'])

  expect(stdout.split('\n')).toHaveLength(2)
  const result = JSON.parse(stdout)
  expect(result).toEqual({
    adapter: 'memory',
    workers: 2,
    stock: 100,
    kills: 0,
    naive: { sold: expect.any(Number), unknown: 0, oversold: result.naive.sold - 100 },
    lockstep: { sold: 100, unknown: 0, oversold: 0, left: 0 },
    lock: { sold: 100, unknown: 0, oversold: 0, left: 0 },
  })
  expect(result.naive.oversold).toBeGreaterThan(0)
  expect(stderr).toContain(`oversold by ${result.naive.oversold}`)
  expect(stderr).not.toContain('\u001B')
  expect(code).toBe(0)
}, 40_000)

test('--kill: workers die in the middle of the sale, and it is exact all the same', async () => {
  const { code, stdout } = await run(['--once', '--json', '--kill'])
  const { kills, naive, lockstep, lock } = JSON.parse(stdout)

  expect(kills).toBeGreaterThanOrEqual(9)
  expect(naive.oversold).toBeGreaterThan(0)
  for (const { sold, unknown, oversold, left } of [lockstep, lock]) {
    expect(oversold).toBe(0)
    expect(sold).toBeLessThanOrEqual(500 - left)
    expect(500 - left).toBeLessThanOrEqual(sold + unknown)
  }
  expect(code).toBe(0)
}, 60_000)

test('--help says what there is', async () => {
  const { code, stdout } = await run(['--help'])

  expect(stdout).toContain('--kill')
  expect(code).toBe(0)
})

test('a wrong option ends with code 2', async () => {
  const { code, stderr } = await run(['--workers', 'many'])

  expect(stderr).toBe('--workers must be a whole number from 1 to 64, got "many".\nTry --help.\n')
  expect(code).toBe(2)
})

test('an adapter that cannot be had is told once, with what to do', async () => {
  const { code, stdout, stderr } = await run(['--once', '--adapter', 'abacus'])

  expect(stderr).toMatch(/^adapter must be one of memory, .* got "abacus"\n$/)
  expect(stdout).toBe('')
  expect(code).toBe(1)
}, 20_000)

test('a port that is taken is told', async () => {
  await using server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { code, stderr } = await run(['--port', String(port)])

  expect(stderr).toBe(`Port ${port} cannot be used here; choose another with --port.\n`)
  expect(code).toBe(1)
})
