import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { usableCpus } from '../src/cpus.ts'
import { type ClusterOptions, readOptions } from '../src/options.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('every option but the script has a default', () => {
  expect(readOptions({ script: 'server.js' })).toEqual({
    script: resolve('server.js'),
    args: [],
    execArgv: process.execArgv,
    env: {},
    workers: 2,
    services: undefined,
    bootTimeout: 30_000,
    restart: { initial: 100, max: 30_000, factor: 2, healthyAfter: 30_000 },
    drain: { idle: 2_000, deadline: 30_000 },
    signals: true,
  })
})

test('idle connections leave half of a short drain to the rest', () => {
  expect(readOptions({ script: 'server.js', drain: { deadline: 1_001 } }).drain).toEqual({ idle: 500, deadline: 1_001 })
})

test('a script may be a URL', () => {
  const { href } = pathToFileURL('a folder/server.js')
  expect(readOptions({ script: new URL(href) }).script).toBe(fileURLToPath(href))
})

test('in production there is a worker for every CPU', () => {
  vi.stubEnv('NODE_ENV', 'production')
  expect(readOptions({ script: 'server.js' }).workers).toBe(usableCpus())
  expect(readOptions({ script: 'server.js', workers: 'max' }).workers).toBe(usableCpus())
  expect(readOptions({ script: 'server.js', workers: -1 }).workers).toBe(Math.max(1, usableCpus() - 1))
  expect(readOptions({ script: 'server.js', workers: 7 }).workers).toBe(7)
})

test.each<[string, Partial<Record<keyof ClusterOptions, unknown>>]>([
  ['script', { script: '' }],
  ['script', { script: new URL('https://example.org/server.js') }],
  ['workers', { workers: 0 }],
  ['workers', { workers: -2 }],
  ['workers', { workers: 1.5 }],
  ['workers', { workers: 'many' }],
  ['bootTimeout', { bootTimeout: 0 }],
  ['bootTimeout', { bootTimeout: 86_400_001 }],
  ['restart.initial', { restart: { initial: -1 } }],
  ['restart.max', { restart: { max: Infinity } }],
  ['restart.factor', { restart: { factor: 0.5 } }],
  ['restart.healthyAfter', { restart: { healthyAfter: 'long' } }],
  ['drain.idle', { drain: { idle: 0.5 } }],
  ['drain.deadline', { drain: { deadline: NaN } }],
])('a bad %s is refused by name: %o', (option, options) => {
  expect(() => readOptions({ script: 'server.js', ...options } as ClusterOptions)).toThrow(
    expect.objectContaining({
      code: 'LOCKSTEP_CLUSTER_INVALID_OPTION',
      message: expect.stringContaining(`${option} must be`) as string,
    }) as Error,
  )
})
