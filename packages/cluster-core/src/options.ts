import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DrainTimes } from './assignment.ts'
import type { Backoff } from './backoff.ts'
import { usableCpus } from './cpus.ts'
import { ClusterError } from './errors.ts'
import type { ServiceChoice } from './services.ts'

export interface ClusterOptions {
  /** What every worker runs: a path (a relative one starts at the working directory) or a `file:` URL. */
  readonly script: string | URL
  /** Arguments of the script. Default: none. */
  readonly args?: readonly string[]
  /** Options of Node itself. Default: those of the primary. */
  readonly execArgv?: readonly string[]
  /** Added to the environment of the primary. */
  readonly env?: Readonly<Record<string, string>>
  /**
   * How many. `'max'`: the CPUs that this process may use, a container's quota included. `'auto'`, the default: as
   * `'max'` when `NODE_ENV` is `production`, otherwise 2. `-1`: one less than `'max'`, at least 1.
   */
  readonly workers?: 'auto' | 'max' | number
  /**
   * Modules that run in the primary, as the script would import them, by name, or `{ name, options }` where one takes
   * options: each exports `start(options?): Promise<{ env, close }>`; `env` goes to the workers. They are started in this order before the first fork and closed in the reverse order
   * after the last worker has gone. Default: the services of Lockstep's own packages, as far as they are installed. One
   * that is named here has to be there.
   */
  readonly services?: readonly (string | ServiceChoice)[]
  /**
   * Milliseconds that a worker may take to say that it is ready; then it is killed, and tried again. Default 30,000.
   */
  readonly bootTimeout?: number
  readonly restart?: RestartOptions
  readonly drain?: DrainOptions
  /**
   * Whether SIGTERM and SIGINT drain the cluster and then end this process with exit code 0; a second one ends
   * everything at once. Default true.
   */
  readonly signals?: boolean
}

/** Exponential backoff with full jitter: the delay is random, from 0 up to a ceiling that grows. */
export interface RestartOptions extends Partial<Backoff> {
  /** The ceiling of the first delay, in milliseconds. Default 100. */
  readonly initial?: number
  /** The ceiling of all delays, in milliseconds. Default 30,000. */
  readonly max?: number
  /** Default 2. */
  readonly factor?: number
  /** A worker that was ready for so many milliseconds was healthy: its failures are forgotten. Default 30,000. */
  readonly healthyAfter?: number
}

export interface DrainOptions extends Partial<DrainTimes> {
  /**
   * Milliseconds that idle keep-alive connections stay open for a last request, which is then answered with
   * `Connection: close`. Default 2,000, or half the deadline if that is less.
   */
  readonly idle?: number
  /** Milliseconds after which a worker that has not left is killed. Default 30,000. */
  readonly deadline?: number
}

/** The options, read once and checked once. */
export interface Settings {
  readonly script: string
  readonly args: readonly string[]
  readonly execArgv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workers: number
  /** `undefined`: those of our own packages that are installed. */
  readonly services: readonly ServiceChoice[] | undefined
  readonly bootTimeout: number
  readonly restart: Backoff & { readonly healthyAfter: number }
  readonly drain: DrainTimes
  readonly signals: boolean
}

export function readOptions(options: ClusterOptions): Settings {
  const { script, args = [], execArgv = process.execArgv, env = {}, services, signals = true } = options
  const { initial = 100, max = 30_000, factor = 2, healthyAfter = 30_000 } = options.restart ?? {}
  return {
    script: scriptPath(script),
    args,
    execArgv,
    env,
    workers: workerCount(options.workers ?? 'auto'),
    services: services?.map(readService),
    bootTimeout: duration(options.bootTimeout ?? 30_000, 'bootTimeout', 1),
    restart: {
      initial: duration(initial, 'restart.initial', 0),
      max: duration(max, 'restart.max', 0),
      factor: check(factor, Number.isFinite(factor) && factor >= 1, 'restart.factor', 'a number from 1'),
      healthyAfter: duration(healthyAfter, 'restart.healthyAfter', 0),
    },
    drain: readDrain(options.drain),
    signals,
  }
}

function readService(service: string | ServiceChoice): ServiceChoice {
  const { name, options } = typeof service === 'string' ? { name: service } : (service ?? {})
  const rule = 'names of modules, or { name, options } with an object of options'
  check(name, typeof name === 'string' && name !== '', 'services', rule)
  check(options, options === undefined || (typeof options === 'object' && options !== null), 'services', rule)
  return { name, options }
}

function readDrain({ deadline = 30_000, idle }: DrainOptions = {}): DrainTimes {
  duration(deadline, 'drain.deadline', 0)
  return { deadline, idle: duration(idle ?? Math.min(2_000, Math.floor(deadline / 2)), 'drain.idle', 0) }
}

function scriptPath(script: string | URL): string {
  if (script instanceof URL) {
    check(script.href, script.protocol === 'file:', 'script', 'a path or a file: URL')
    return fileURLToPath(script)
  }
  return resolve(check(script, typeof script === 'string' && script !== '', 'script', 'a path or a file: URL'))
}

function workerCount(workers: 'auto' | 'max' | number): number {
  if (workers === 'auto') return process.env['NODE_ENV'] === 'production' ? usableCpus() : 2
  if (workers === 'max') return usableCpus()
  if (workers === -1) return Math.max(1, usableCpus() - 1)
  return check(
    workers,
    Number.isSafeInteger(workers) && workers > 0,
    'workers',
    "'auto', 'max', -1 or a whole number from 1",
  )
}

// Whoever waits longer meant another unit; and timers end at 2^31 − 1.
const day = 86_400_000

function duration(value: number, option: string, min: number): number {
  const valid = Number.isInteger(value) && value >= min && value <= day
  return check(value, valid, option, `a whole number of milliseconds from ${min} to ${day}`)
}

function check<T>(value: T, valid: boolean, option: string, rule: string): T {
  if (valid) return value
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value)
  throw new ClusterError('LOCKSTEP_CLUSTER_INVALID_OPTION', `${option} must be ${rule}, got ${shown}.`)
}
