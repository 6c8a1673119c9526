import { checkDuration } from './checks.ts'
import { monotonic } from './clock.ts'
import { channels } from './diagnostics.ts'
import { LeaseLostError } from './errors.ts'

/** A lock held for a time. `await using lease = await locks.acquire('cart:42')` releases it at the end of the block. */
export interface Lease extends AsyncDisposable {
  readonly name: string
  /** The fencing token: greater than that of every earlier holder of this lock, below 2^53. */
  readonly token: number
  /** Compares the clock at the moment it is read, so a process that was stopped and resumed knows at once. */
  readonly held: boolean
  /** Milliseconds until the lease ends for its holder, which is no later than for the store; 0 when it is not held. */
  readonly remaining: number
  /** Aborts with a `LeaseLostError` when the lease ends before it was released. A release does not abort it. */
  readonly signal: AbortSignal
  /** Throws `LeaseLostError` unless the lease is held. */
  assertHeld(): void
  /**
   * Let the lease last at least `ttl` milliseconds from now (default: the ttl it was acquired with). It is never made shorter. Rejects with `LeaseLostError`
   * when the store no longer knows it, with `UnavailableError` when the store does not answer (the lease then stands until its present end).
   */
  extend(ttl?: number): Promise<void>
  /** `true`: it was still ours. Idempotent; `false` at once when the lease is lost. Rejects with `UnavailableError` when the store does not answer. */
  release(): Promise<boolean>
}

/** The margin by which a lease ends earlier for its holder than for the store: the clocks of two machines drift apart, a timer fires late. */
export function driftMargin(ttl: number): number {
  return ttl * 0.01 + 2
}

/** Where a lease came from, and goes to. */
export interface LeaseHome {
  /** As `Lease.extend` has it. */
  extend(lease: HeldLease, ttl: number): Promise<void>
  /** As `Lease.release` has it; called once at most, for a lease that is held. */
  release(lease: HeldLease): Promise<boolean>
  /** The lease has ended before it was released. */
  forget(lease: HeldLease): void
}

/** The lease that `Locks` hands out: it knows its deadline; its home knows the store. */
export class HeldLease implements Lease {
  readonly name: string
  readonly owner: string
  readonly token: number
  readonly ttl: number
  readonly autoExtend: boolean
  /** On `monotonic()`: the end of the lease for its holder. */
  deadline: number
  readonly #home: LeaseHome
  readonly #since: number
  #lost: LeaseLostError | undefined
  #released: Promise<boolean> | undefined
  #controller: AbortController | undefined
  /** Who holds what the store granted since this lease was handed on. */
  #successor: HeldLease | undefined

  constructor(
    grant: {
      readonly name: string
      readonly owner: string
      readonly token: number
      readonly ttl: number
      readonly autoExtend: boolean
      readonly deadline: number
      readonly since: number
    },
    home: LeaseHome,
  ) {
    this.name = grant.name
    this.owner = grant.owner
    this.token = grant.token
    this.ttl = grant.ttl
    this.autoExtend = grant.autoExtend
    this.deadline = grant.deadline
    this.#since = grant.since
    this.#home = home
  }

  get held(): boolean {
    return this.lost === undefined && this.#released === undefined
  }

  get remaining(): number {
    return this.held ? Math.max(0, this.deadline - monotonic()) : 0
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.lost !== undefined) this.#controller.abort(this.lost)
    }
    return this.#controller.signal
  }

  /** Why the lease ended before it was released; `undefined` while it has not. */
  get lost(): LeaseLostError | undefined {
    if (this.#lost === undefined && this.#released === undefined && monotonic() >= this.deadline) {
      this.lose('has expired')
    }
    return this.#lost
  }

  assertHeld(): void {
    if (this.lost !== undefined) throw this.lost
    if (this.#released !== undefined)
      throw new LeaseLostError(`the lease of lock ${this.name} (token ${this.token}) was released`)
  }

  async extend(ttl: number = this.ttl): Promise<void> {
    checkDuration(ttl, 'ttl')
    this.assertHeld()
    await this.#home.extend(this, ttl)
  }

  release(): Promise<boolean> {
    if (this.#released !== undefined) return this.#released
    if (this.lost !== undefined) return Promise.resolve(false)
    this.#released = this.#home.release(this)
    if (channels.leaseReleased.hasSubscribers) {
      channels.leaseReleased.publish({ name: this.name, token: this.token, held: monotonic() - this.#since })
    }
    return this.#released
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  /** For the next caller of this process: the same grant of the store, with the next of the tokens that were reserved with it. */
  handOn({ ttl, autoExtend }: { ttl: number; autoExtend: boolean }, since: number): HeldLease {
    const { name, owner, token, deadline } = this
    this.#successor = new HeldLease({ name, owner, token: token + 1, ttl, autoExtend, deadline, since }, this.#home)
    return this.#successor
  }

  /** The store has confirmed an extension that was asked for at `sentAt`: of its grant, whoever has it by now. */
  renew(sentAt: number, ttl: number): void {
    if (this.#successor !== undefined) return this.#successor.renew(sentAt, ttl)
    this.deadline = Math.max(this.deadline, sentAt + ttl - driftMargin(ttl))
  }

  /** The grant of the store has ended before it was released, whoever has it by now. `how`: 'has expired', 'is lost: …'. */
  lose(how: string, options?: ErrorOptions): void {
    if (this.#successor !== undefined) return this.#successor.lose(how, options)
    if (this.#lost !== undefined || this.#released !== undefined) return
    const error = new LeaseLostError(`the lease of lock ${this.name} (token ${this.token}) ${how}`, options)
    this.#lost = error
    this.#home.forget(this)
    this.interrupt(error)
    if (channels.leaseLost.hasSubscribers)
      channels.leaseLost.publish({ name: this.name, token: this.token, cause: error })
  }

  /** Abort the signal; the lease itself stays as it is. */
  interrupt(reason: unknown): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }
}
