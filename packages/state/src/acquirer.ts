import { randomBytes } from 'node:crypto'
import type { LockStore } from './adapter.ts'
import { bounded, defaultTimeout, notAnswered } from './calls.ts'
import { monotonic } from './clock.ts'
import { channels } from './diagnostics.ts'
import { isStateError, UnavailableError } from './errors.ts'
import { driftMargin, HeldLease } from './lease.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { Waiter } from './waiter.ts'

/** The longest that an offer stands (protocols, Offers): what each waiter ahead may cost at most. */
const offerWindow = 2_000
/** Between two attempts to reach a store that is away, in milliseconds. */
const retryDelay = { initial: 20, max: 500 }

/** A checked request for a lock. Times are milliseconds. */
export interface Attempt {
  readonly name: string
  readonly ttl: number
  readonly wait: number
  readonly timeout: number
  readonly autoExtend: boolean
  readonly signal: AbortSignal | undefined
}

/** Asks for locks and waits for them; the one place that knows how waiting works. */
export class Acquirer {
  readonly #store: LockStore
  readonly #keeper: LeaseKeeper
  readonly #closing: AbortSignal
  readonly #waiters = new Map<string, Waiter>()
  readonly #ownerPrefix = randomBytes(9).toString('base64url')
  #owners = 0

  /** When `closing` aborts nothing more is given out; `wake()` then tells those who wait. */
  constructor(store: LockStore, keeper: LeaseKeeper, closing: AbortSignal) {
    this.#store = store
    this.#keeper = keeper
    this.#closing = closing
    store.listen({
      offered: (owner) => this.#waiters.get(owner)?.wake(),
      lost: (cause) => {
        keeper.loseAll(cause)
        this.wake()
      },
    })
  }

  /** Let everybody who waits ask again. */
  wake(): void {
    for (const waiter of this.#waiters.values()) waiter.wake()
  }

  /** Ask, and while the lock is taken ask again when woken or when it must be our turn; `null` when `wait` is over and the store last said taken. */
  async obtain(attempt: Attempt): Promise<HeldLease | null> {
    const { name, wait, signal } = attempt
    const owner = `${this.#ownerPrefix}${(this.#owners += 1).toString(36)}`
    const started = monotonic()
    const until = started + wait
    const waiter = new Waiter(signal)
    this.#waiters.set(owner, waiter)
    // The store may remember the owner: as a waiter, or with a grant whose reply is lost.
    let remembered = true
    let taken = false
    let failures = 0
    try {
      for (;;) {
        const reply = await this.#ask(attempt, owner, until)
        if (reply.is === 'granted') {
          remembered = false
          if (channels.lockAcquired.hasSubscribers) {
            channels.lockAcquired.publish({ name, token: reply.lease.token, waited: monotonic() - started })
          }
          return reply.lease
        }
        taken ||= reply.is === 'taken'
        remembered = reply.is !== 'taken' || reply.place > 0
        failures = reply.is === 'trouble' ? failures + 1 : 0
        const left = until - monotonic()
        if (left <= 0 && taken) return null
        if (left <= 0) throw unreachable(name, reply)
        await waiter.sleep(Math.min(left, pauseAfter(reply, failures)))
      }
    } finally {
      this.#waiters.delete(owner)
      if (remembered) this.#cancel(name, owner)
    }
  }

  /** One request. Rejects with what asking again cannot mend. */
  async #ask(attempt: Attempt, owner: string, until: number): Promise<Reply> {
    const { name, ttl, timeout, signal, autoExtend } = attempt
    this.#closing.throwIfAborted()
    const sentAt = monotonic()
    const deadline = Math.min(sentAt, until) + timeout
    const request = { name, owner, ttl, wait: Math.ceil(Math.max(0, until - sentAt)) }
    try {
      const answer = await bounded(this.#store.acquire(request, { deadline }), deadline, signal, () =>
        notAnswered(`lock ${name}`),
      )
      this.#closing.throwIfAborted()
      if (!answer.granted) return { is: 'taken', place: answer.place, expiresIn: answer.expiresIn }
      const end = sentAt + answer.expiresIn - driftMargin(ttl)
      if (monotonic() >= end) return { is: 'late' }
      const lease = new HeldLease({ name, owner, token: answer.token, ttl, autoExtend, deadline: end }, this.#keeper)
      this.#keeper.watch(lease)
      return { is: 'granted', lease }
    } catch (error) {
      if (isTrouble(error)) return { is: 'trouble', error }
      throw error
    }
  }

  /** Withdraw the place in the queue, or the grant that nobody will use; what fails here ends with the lease or with the wait. */
  #cancel(name: string, owner: string): void {
    this.#store.cancel({ name, owner }, { deadline: monotonic() + defaultTimeout }).catch(() => {})
  }
}

type Reply =
  | { readonly is: 'granted'; readonly lease: HeldLease }
  | { readonly is: 'taken'; readonly place: number; readonly expiresIn: number }
  /** A grant that came when its lease was over: asked again, the store knows better. */
  | { readonly is: 'late' }
  | { readonly is: 'trouble'; readonly error: unknown }

/** How long to sleep before asking again if no offer comes. */
function pauseAfter(reply: Exclude<Reply, { is: 'granted' }>, failures: number): number {
  if (reply.is === 'taken') return reply.expiresIn + Math.max(0, reply.place - 1) * offerWindow + 2
  return reply.is === 'late' ? 0 : Math.min(retryDelay.max, retryDelay.initial * 2 ** (failures - 1))
}

function unreachable(name: string, reply: Reply): UnavailableError {
  const cause = reply.is === 'trouble' ? { cause: reply.error } : {}
  return new UnavailableError(`lock ${name} could not be had: the store does not answer in time`, cause)
}

/** The store could not be reached, or its answer was lost: asking again with the same owner is safe. */
export function isTrouble(error: unknown): boolean {
  return isStateError(error) && (error.code === 'LOCKSTEP_UNAVAILABLE' || error.code === 'LOCKSTEP_OUTCOME_UNKNOWN')
}
