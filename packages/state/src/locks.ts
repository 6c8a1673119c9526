import { Acquirer } from './acquirer.ts'
import type { LockInspection, LockStore } from './adapter.ts'
import type { Attempt } from './attempt.ts'
import { bounded, checkCall, checkSignal, notAnswered, type CallOptions } from './calls.ts'
import { checkDuration, checkFunction, checkName } from './checks.ts'
import { isTrouble } from './claim.ts'
import { monotonic } from './clock.ts'
import { channels } from './diagnostics.ts'
import { ClosedError, LockTimeoutError } from './errors.ts'
import type { HeldLease, Lease } from './lease.ts'
import { LeaseKeeper } from './lease-keeper.ts'

export interface TryAcquireOptions extends CallOptions {
  /** Lifetime of the lease in milliseconds, 10 to 2^31 − 1. Default 10,000. */
  readonly ttl?: number | undefined
  /** Extend the lease at a third of its ttl for as long as it is held. Default true. */
  readonly autoExtend?: boolean | undefined
}

export interface AcquireOptions extends TryAcquireOptions {
  /** Milliseconds to wait for a lock that is taken, 0 to 2^31 − 1. Default 10,000. */
  readonly wait?: number | undefined
}

const defaultTtl = 10_000
/** A shorter lease would be over before its holder hears of it. */
const minTtl = 10
/** `lead` asks again after this, so that its place in the queue is renewed. */
const campaign = 30_000

/** Mutual exclusion with leases and fencing tokens, across every process that uses the same store. */
export class Locks {
  readonly #store: LockStore
  readonly #keeper: LeaseKeeper
  readonly #acquirer: Acquirer
  readonly #running = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()
  #closed = false

  constructor(store: LockStore) {
    this.#store = store
    this.#keeper = new LeaseKeeper(store)
    this.#acquirer = new Acquirer(store, this.#keeper, this.#closing.signal)
  }

  /**
   * Take the lock, waiting for it up to `wait`. Settles by `wait` + `timeout`: rejects with `LockTimeoutError` if the store last said that it is taken, with
   * `UnavailableError` if the store never answered, with the signal's reason, or with `ClosedError`.
   */
  async acquire(name: string, options: AcquireOptions = {}): Promise<Lease> {
    return this.#acquire(this.#attempt(name, options))
  }

  /** Take the lock if it is free and nobody waits for it; `null` if not. */
  async tryAcquire(name: string, options: TryAcquireOptions = {}): Promise<Lease | null> {
    return this.#acquirer.obtain({ ...this.#attempt(name, options), wait: 0 })
  }

  /**
   * Run `work` under the lock, then release it in every case. Rejects with the function's own error if there was one; with `LeaseLostError` if the lease was
   * lost before the function ended, even though it returned.
   */
  using<T>(name: string, work: (lease: Lease) => T | Promise<T>): Promise<T>
  using<T>(name: string, options: AcquireOptions | undefined, work: (lease: Lease) => T | Promise<T>): Promise<T>
  async using<T>(name: string, ...rest: UsingArguments<AcquireOptions, T>): Promise<T> {
    const { options, work } = usingArguments(rest)
    return this.#run(await this.#acquire(this.#attempt(name, options)), work)
  }

  /** As `using`, but resolves with `null`, `work` not run, when the lock is taken. */
  tryUsing<T>(name: string, work: (lease: Lease) => T | Promise<T>): Promise<T | null>
  tryUsing<T>(
    name: string,
    options: TryAcquireOptions | undefined,
    work: (lease: Lease) => T | Promise<T>,
  ): Promise<T | null>
  async tryUsing<T>(name: string, ...rest: UsingArguments<TryAcquireOptions, T>): Promise<T | null> {
    const { options, work } = usingArguments(rest)
    const lease = await this.#acquirer.obtain({ ...this.#attempt(name, options), wait: 0 })
    return lease === null ? null : this.#run(lease, work)
  }

  /**
   * Run `work` in one process at a time. Campaigns, through outages too, until `signal` aborts; then `lease.signal` aborts, the function is waited for, and the
   * call resolves with nothing. When the lease is lost it waits for the function to end and campaigns again; otherwise the function's result or error
   * releases the lease and settles the call.
   */
  async lead<T>(
    name: string,
    options: TryAcquireOptions | undefined,
    work: (lease: Lease) => T | Promise<T>,
  ): Promise<T | undefined> {
    checkFunction(work, 'the function')
    const { signal, ...rest } = options ?? {}
    const attempt = { ...this.#attempt(name, rest), wait: campaign }
    if (signal !== undefined) checkSignal(signal)
    const end = signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal])
    return this.#track(this.#lead(attempt, end, work))
  }

  /** How the lock stands. `token` and `expiresIn` (milliseconds) are 0 when it is free. */
  async inspect(name: string, options?: CallOptions): Promise<LockInspection> {
    checkName(name)
    const deadline = monotonic() + checkCall(options)
    if (this.#closed) throw new ClosedError('the state is closed')
    return bounded(this.#store.inspect(name, { deadline }), deadline, options?.signal, () =>
      notAnswered(`lock ${name}`),
    )
  }

  /** Refuse new and waiting acquires, abort the signals of `lead`, and wait for the functions that run, up to `timeout` milliseconds. */
  async drain(timeout: number): Promise<void> {
    this.#closing.abort(new ClosedError('the state is closing: no lock is given out any more'))
    this.#acquirer.wake()
    const settled = Promise.allSettled(this.#running)
    await bounded(settled, monotonic() + timeout, undefined, () => new ClosedError('waited long enough')).catch(
      () => {},
    )
  }

  /** Release what is still held. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#keeper.releaseAll()
  }

  #attempt(name: string, options: AcquireOptions): Attempt {
    checkName(name)
    const { ttl = defaultTtl, wait = 10_000, autoExtend = true, signal } = options
    checkDuration(ttl, 'ttl', minTtl)
    checkDuration(wait, 'wait', 0)
    const timeout = checkCall(options)
    this.#closing.signal.throwIfAborted()
    return { name, ttl, wait, timeout, autoExtend, signal }
  }

  async #acquire(attempt: Attempt): Promise<HeldLease> {
    const lease = await this.#acquirer.obtain(attempt)
    if (lease !== null) return lease
    const error = new LockTimeoutError(
      `lock ${attempt.name} was still taken after ${attempt.wait} ms. Wait longer, hold it for less time, or use a name of finer grain.`,
    )
    if (channels.lockTimeout.hasSubscribers) channels.lockTimeout.publish({ name: attempt.name, error })
    throw error
  }

  async #run<T>(lease: HeldLease, work: (lease: Lease) => T | Promise<T>): Promise<T> {
    return this.#track(
      (async () => {
        try {
          const result = await work(lease)
          if (lease.lost !== undefined) throw lease.lost
          return result
        } finally {
          await lease.release().catch(() => false)
        }
      })(),
    )
  }

  async #lead<T>(attempt: Attempt, end: AbortSignal, work: (lease: Lease) => T | Promise<T>): Promise<T | undefined> {
    while (!end.aborted) {
      const lease = await this.#campaign(attempt, end)
      if (lease === null) continue
      const interrupt = (): void => lease.interrupt(end.reason)
      end.addEventListener('abort', interrupt, { once: true })
      try {
        if (end.aborted) break
        const result = await work(lease)
        if (lease.lost === undefined && !end.aborted) return result
      } catch (error) {
        if (lease.lost === undefined && !end.aborted) throw error
      } finally {
        end.removeEventListener('abort', interrupt)
        await lease.release().catch(() => false)
      }
    }
    return undefined
  }

  async #campaign(attempt: Attempt, end: AbortSignal): Promise<HeldLease | null> {
    try {
      return await this.#acquirer.obtain({ ...attempt, signal: end })
    } catch (error) {
      if (end.aborted || isTrouble(error)) return null
      throw error
    }
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }
}

type UsingArguments<Options, T> =
  | [work: (lease: Lease) => T | Promise<T>]
  | [options: Options | undefined, work: (lease: Lease) => T | Promise<T>]

function usingArguments<Options extends object, T>(
  rest: UsingArguments<Options, T>,
): { options: Options | Record<string, never>; work: (lease: Lease) => T | Promise<T> } {
  const [options, work] = rest.length === 1 ? [undefined, rest[0]] : rest
  checkFunction(work, 'the function')
  return { options: options ?? {}, work }
}
