import type { Adapter, Connection } from './adapter.ts'
import type { Capabilities } from './capabilities.ts'
import { bounded } from './calls.ts'
import { checkDuration, invalid, show } from './checks.ts'
import { monotonic } from './clock.ts'
import { Counters } from './counters.ts'
import { Entries } from './entries.ts'
import { ClosedError, InvalidArgumentError } from './errors.ts'
import { HealthCheck, overall, type Health } from './health.ts'
import { loadAdapter } from './load-adapter.ts'
import { Locks } from './locks.ts'
import { Turn } from './turn.ts'
import { unsupported } from './unsupported.ts'

/** The options of each adapter by its word. An adapter's package adds its own: `import type {} from '@lockstep/state-redis'`. */
export interface AdapterOptions {}

/** An adapter by its word (`'memory'`, `'redis'`, …) or as its function returns it. */
export type AdapterChoice = string | Adapter

/** One adapter for each primitive; `default` serves those that are not named. */
export type AdapterChoices = { readonly default: AdapterChoice } & { readonly [P in Primitive]?: AdapterChoice }

/** Options go to the adapter that is named by a word, which checks them. */
type Choice =
  | {
      [Word in keyof AdapterOptions]: { readonly adapter: Word; readonly options?: AdapterOptions[Word] }
    }[keyof AdapterOptions]
  | { readonly adapter: AdapterChoice; readonly options?: undefined }
  | { readonly adapter: AdapterChoices; readonly options?: unknown }

/** `from`: where to look first for the package of an adapter named by a word: a file, a folder, or `import.meta.url`. */
export type ClusterStateOptions = Choice & { readonly from?: string | undefined }

export interface CloseOptions {
  /** Milliseconds to wait for what runs. Default 5,000. */
  readonly timeout?: number | undefined
}

const primitives = ['locks', 'counters', 'entries', 'queues'] as const
type Primitive = (typeof primitives)[number]

/**
 * Open the state. Resolves when every backend has answered; rejects with a coded error that names host and port, never a password, when one does not within
 * its `connectTimeout`, with `AdapterNotInstalledError`, or with `InvalidArgumentError`.
 */
export async function createClusterState(options: ClusterStateOptions): Promise<ClusterState> {
  const adapters = await resolveAdapters(options)
  const turn = new Turn()
  const connected = new Map<Adapter, Connection>()
  const opening = new AbortController()
  const context = { signal: opening.signal, turn }
  try {
    await Promise.all(
      [...new Set(adapters.values())].map(async (adapter) => {
        connected.set(adapter, await adapter.connect(context))
      }),
    )
  } catch (error) {
    opening.abort(error)
    await Promise.allSettled([...connected.values()].map((connection) => connection.close()))
    throw error
  }
  return new ClusterState(adapters, connected, turn)
}

/** Locks, counters and entries, and the connections they stand on. */
export class ClusterState implements AsyncDisposable {
  readonly locks: Locks
  readonly counters: Counters
  readonly entries: Entries
  readonly capabilities: Capabilities
  readonly #checks: readonly HealthCheck[]
  readonly #connections: readonly Connection[]
  #closed: Promise<void> | undefined

  constructor(adapters: ReadonlyMap<Primitive, Adapter>, connected: ReadonlyMap<Adapter, Connection>, turn: Turn) {
    const serving = (primitive: Primitive): { adapter: Adapter; connection: Connection } => {
      const adapter = adapters.get(primitive)
      const connection = adapter && connected.get(adapter)
      if (adapter === undefined || connection === undefined)
        throw new InvalidArgumentError(`no adapter serves ${primitive}`)
      return { adapter, connection }
    }
    const locks = serving('locks')
    const counters = serving('counters')
    const entries = serving('entries')
    this.capabilities = Object.freeze({
      locks: locks.connection.capabilities.locks,
      counters: counters.connection.capabilities.counters,
      entries: entries.connection.capabilities.entries,
      queues: serving('queues').connection.capabilities.queues,
      transactions: [...connected.values()].some((connection) => connection.capabilities.transactions),
    })
    this.locks = new Locks(locks.connection.locks ?? unsupported('locks', locks.adapter.name))
    this.counters = new Counters(
      counters.connection.counters ?? unsupported('counters', counters.adapter.name),
      this.capabilities.counters,
      turn,
    )
    this.entries = new Entries(
      entries.connection.entries ?? unsupported('entries', entries.adapter.name),
      this.capabilities.entries,
      turn,
    )
    this.#connections = [...connected.values()]
    // In the order of the primitives, not of who connected first.
    this.#checks = [...new Set(adapters.values())].map((adapter) => {
      const connection = connected.get(adapter) as Connection
      const serves = primitives.filter(
        (primitive) => adapters.get(primitive) === adapter && connection.capabilities[primitive] !== false,
      )
      return new HealthCheck(adapter.name, serves, connection)
    })
  }

  /** How the backends are. Answers within a second and asks each at most once a second. Never rejects. */
  async health(): Promise<Health> {
    return overall([{ adapters: await Promise.all(this.#checks.map((check) => check.check())) }])
  }

  /**
   * Waiting and new acquires reject with `ClosedError` and the signals of `lead` abort; functions that run under a lock are waited for up to `timeout`,
   * counters and entries still working; then everything is flushed, what is still held is released, and what was opened here is closed. Idempotent.
   */
  async close({ timeout = 5_000 }: CloseOptions = {}): Promise<void> {
    checkDuration(timeout, 'timeout', 0)
    this.#closed ??= this.#close(timeout)
    await this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(timeout: number): Promise<void> {
    await this.locks.drain(timeout)
    const idle = Promise.all([this.counters.close(), this.entries.close()])
    await bounded(
      idle,
      monotonic() + timeout,
      undefined,
      () => new ClosedError('the store did not answer in time'),
    ).catch(() => {})
    await this.locks.close()
    await Promise.allSettled(this.#connections.map((connection) => connection.close()))
  }
}

/** The adapter of each primitive; the same choice gives the same adapter. */
async function resolveAdapters({
  adapter,
  options,
  from,
}: ClusterStateOptions): Promise<ReadonlyMap<Primitive, Adapter>> {
  const choices = byPrimitive(adapter)
  const words = new Set([...choices.values()].filter((choice) => typeof choice === 'string'))
  if (words.size === 0 && options !== undefined) {
    throw new InvalidArgumentError(
      'options go to an adapter named by a word; give those of an adapter to its own function',
    )
  }
  if (words.size > 1 && options !== undefined) {
    throw new InvalidArgumentError(
      `options cannot be for ${[...words].join(' and ')} at once; use the functions of these adapters`,
    )
  }
  const loaded = new Map<string, Adapter>()
  for (const word of words) loaded.set(word, await loadAdapter(word, options, from))
  return new Map(
    [...choices].map(([primitive, choice]) => {
      const chosen = typeof choice === 'string' ? loaded.get(choice) : choice
      if (!isAdapter(chosen)) throw invalid(`adapter.${primitive}`, 'an adapter or its name', choice)
      return [primitive, chosen]
    }),
  )
}

function byPrimitive(adapter: ClusterStateOptions['adapter']): ReadonlyMap<Primitive, AdapterChoice> {
  if (typeof adapter === 'string' || isAdapter(adapter))
    return new Map(primitives.map((primitive) => [primitive, adapter]))
  if (typeof adapter !== 'object' || adapter === null || adapter.default === undefined) {
    throw new InvalidArgumentError(
      `adapter must be a name, an adapter, or { default, … } of them; got ${show(adapter)}`,
    )
  }
  return new Map(primitives.map((primitive) => [primitive, adapter[primitive] ?? adapter.default]))
}

function isAdapter(value: unknown): value is Adapter {
  return typeof value === 'object' && value !== null && 'connect' in value && typeof value.connect === 'function'
}
