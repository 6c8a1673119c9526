import { randomBytes } from 'node:crypto'
import type { AcquireAnswer, LockStore } from './adapter.ts'
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
    const { name, ttl, timeout, signal } = attempt
    const owner = `${this.#ownerPrefix}${(this.#owners += 1).toString(36)}`
    const started = monotonic()
    const until = started + attempt.wait
    const waiter = new Waiter(signal)
    this.#waiters.set(owner, waiter)
    let known = false // that the store remembers this owner is possible
    let taken = false
    let failures = 0
    let lastError: unknown
    try {
      for (;;) {
        this.#closing.throwIfAborted()
        const sentAt = monotonic()
        const deadline = Math.min(sentAt + timeout, until + timeout)
        let pause: number
        try {
          known = true
          const asked = this.#store.acquire(
            { name, owner, ttl, wait: Math.ceil(Math.max(0, until - sentAt)) },
            { deadline },
          )
          const answer = await bounded(asked, deadline, signal, () => notAnswered(`lock ${name}`))
          this.#closing.throwIfAborted()
          const lease = this.#lease(attempt, owner, sentAt, answer)
          if (lease !== null) {
            known = false
            if (channels.lockAcquired.hasSubscribers) {
              channels.lockAcquired.publish({ name, token: lease.token, waited: monotonic() - started })
            }
            return lease
          }
          failures = 0
          if (answer.granted) pause = 0 // the answer came too late to be of use: ask again, the store will tell
          else {
            taken = true
            known = answer.place > 0
            pause = answer.expiresIn + Math.max(0, answer.place - 1) * offerWindow + 2
          }
        } catch (error) {
          if (!isTrouble(error)) throw error
          lastError = error
          pause = Math.min(retryDelay.max, retryDelay.initial * 2 ** failures)
          failures += 1
        }
        const left = until - monotonic()
        if (left <= 0) break
        await waiter.sleep(Math.min(pause, left))
      }
      if (taken) return null
      throw new UnavailableError(`lock ${name} could not be asked for: the store does not answer`, { cause: lastError })
    } finally {
      this.#waiters.delete(owner)
      if (known) this.#cancel(name, owner)
    }
  }

  #lease(attempt: Attempt, owner: string, sentAt: number, answer: AcquireAnswer): HeldLease | null {
    if (!answer.granted) return null
    const { name, ttl, autoExtend } = attempt
    const deadline = sentAt + answer.expiresIn - driftMargin(ttl)
    if (monotonic() >= deadline) return null
    const lease = new HeldLease({ name, owner, token: answer.token, ttl, autoExtend, deadline }, this.#keeper)
    this.#keeper.watch(lease)
    return lease
  }

  /** Withdraw the place in the queue, or the grant that nobody will use; what fails here ends with the lease or with the wait. */
  #cancel(name: string, owner: string): void {
    this.#store.cancel({ name, owner }, { deadline: monotonic() + defaultTimeout }).catch(() => {})
  }
}

/** The store could not be reached, or its answer was lost: asking again with the same owner is safe. */
export function isTrouble(error: unknown): boolean {
  return isStateError(error) && (error.code === 'LOCKSTEP_UNAVAILABLE' || error.code === 'LOCKSTEP_OUTCOME_UNKNOWN')
}
