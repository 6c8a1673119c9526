import { expect, test } from 'vitest'
import { readOptions, usage, UsageError } from '../src/options.ts'

test('without arguments the page is shown: two workers, 500 units, in memory', () => {
  expect(readOptions([], {})).toEqual({
    workers: 2,
    stock: 500,
    shoppers: 50,
    adapter: 'memory',
    kill: false,
    once: false,
    json: false,
    help: false,
  })
})

test('every option can be given', () => {
  const args =
    '--workers 4 --stock 20 --shoppers 9 --port 8080 --adapter redis --sale friday --kill --once --json --help'
  expect(readOptions(args.split(' '), { LOCKSTEP_REDIS_URL: 'redis://127.0.0.1' })).toEqual({
    workers: 4,
    stock: 20,
    shoppers: 9,
    port: 8080,
    adapter: 'redis',
    serverUrl: 'redis://127.0.0.1',
    sale: 'friday',
    kill: true,
    once: true,
    json: true,
    help: true,
  })
})

test.each([
  [['--workers', '0'], '--workers must be a whole number from 1 to 64, got "0".'],
  [['--stock', '1e3'], '--stock must be a whole number from 1 to 10000, got "1e3".'],
  [['--shoppers', 'many'], '--shoppers must be a whole number from 1 to 1000, got "many".'],
  [['--port', '65536'], '--port must be a whole number from 1 to 65535, got "65536".'],
  [
    ['--sale', 'friday'],
    '--sale needs --adapter redis and LOCKSTEP_REDIS_URL, or --adapter mysql and LOCKSTEP_MYSQL_URI: a server that',
  ],
  [['--sale', 'friday', '--adapter', 'mysql'], '--sale needs --adapter redis'],
  [
    ['--sale', 'black friday'],
    '--sale must be at most 64 letters, digits and characters of _ and -, got "black friday".',
  ],
  [['--json'], '--json needs --once.'],
  [['--sell'], "Unknown option '--sell'"],
  [['sell'], "Unexpected argument 'sell'"],
])('%j is refused with what to do', (args, message) => {
  expect(() => readOptions(args, {})).toThrow(UsageError)
  expect(() => readOptions(args, {})).toThrow(message)
})

test.each([
  { adapter: 'memory', serverUrl: undefined },
  { adapter: 'redis', serverUrl: 'redis://cache' },
  { adapter: 'mysql', serverUrl: 'mysql://shop/shop' },
])('on $adapter the server is $serverUrl, whatever else the environment names', ({ adapter, serverUrl }) => {
  const env = { LOCKSTEP_REDIS_URL: 'redis://cache', LOCKSTEP_MYSQL_URI: 'mysql://shop/shop' }
  expect(readOptions(['--adapter', adapter], env).serverUrl).toBe(serverUrl)
})

test('the help names every option', () => {
  for (const name of ['workers', 'stock', 'shoppers', 'port', 'adapter', 'sale', 'kill', 'once', 'json', 'help']) {
    expect(usage).toContain(`--${name}`)
  }
})
