import { randomBytes } from 'node:crypto'
import type { LockOwner, LockStore } from './adapter.ts'
import { suffices, type Attempt } from './attempt.ts'
import { bounded, defaultTimeout, notAnswered } from './calls.ts'
import { monotonic } from './clock.ts'
import { isStateError } from './errors.ts'
import { driftMargin } from './lease.ts'
import type { Waiter } from './waiter.ts'

/** The longest that an offer stands, in milliseconds (protocols, Offers): what each waiter ahead may cost at most. */
const offerWindow = 2_000
/** Between two attempts to reach a store that is away, in milliseconds. */
const retryDelay = { initial: 20, max: 500 }
/** How much longer than its caller waits a claim waits in the store, in milliseconds: so that the next caller of this process can go on with it. */
const grace = 1_000

/** What came of a request. `pause`: milliseconds to sleep before the next if no offer comes; `at`, `deadline`: on `monotonic()`. */
export type Answer =
  | { readonly is: 'granted'; readonly token: number; readonly deadline: number; readonly at: number }
  | { readonly is: 'taken'; readonly place: number; readonly pause: number }
  /** A grant that came when its lease was over: asked again, the store knows better. */
  | { readonly is: 'late'; readonly pause: 0 }
  | { readonly is: 'trouble'; readonly error: unknown; readonly pause: number }

/** The claims under way: each is this process asking the store for one lock under an owner id that was made for it. */
export class Claims {
  readonly #store: LockStore
  readonly #cohort: number
  readonly #ownerPrefix = randomBytes(9).toString('base64url')
  readonly #byOwner = new Map<string, () => void>()
  #owners = 0

  constructor(store: LockStore, cohort: number) {
    this.#store = store
    this.#cohort = cohort
  }

  /** `wake` is called when the store offers the lock to this claim. */
  open(name: string, wake: () => void): Claim {
    const owner = `${this.#ownerPrefix}${(this.#owners += 1).toString(36)}`
    this.#byOwner.set(owner, wake)
    return new Claim(this.#store, this.#cohort, { name, owner })
  }

  close(claim: Claim): void {
    this.#byOwner.delete(claim.id.owner)
  }

  offered(owner: string): void {
    this.#byOwner.get(owner)?.()
  }

  wakeAll(): void {
    for (const wake of this.#byOwner.values()) wake()
  }
}

/** One owner's requests for a lock. Those who make them may change; the owner keeps its place in the store's queue, or its grant. */
export class Claim {
  readonly id: LockOwner
  /** What came of the last request. */
  last: Answer | undefined
  readonly #store: LockStore
  readonly #cohort: number
  /** The store may know the owner: as a waiter, or with a grant whose reply is lost. */
  #remembered = false
  #failures = 0

  constructor(store: LockStore, cohort: number, id: LockOwner) {
    this.#store = store
    this.#cohort = cohort
    this.id = id
  }

  /** One request. Rejects with what asking again cannot mend. */
  async ask({ attempt, until }: Waiter): Promise<Answer> {
    const { name, owner } = this.id
    const { ttl, timeout, signal } = attempt
    const sentAt = monotonic()
    const deadline = Math.min(sentAt, until) + timeout
    const wait = Math.ceil(Math.max(0, until - sentAt)) + (this.#cohort > 0 && attempt.wait > 0 ? grace : 0)
    const request = { name, owner, ttl, wait, reserve: this.#cohort }
    this.#remembered = true
    try {
      const answer = await bounded(this.#store.acquire(request, { deadline }), deadline, signal, () =>
        notAnswered(`lock ${name}`),
      )
      this.#remembered = answer.granted || answer.place > 0
      this.#failures = 0
      this.last = answer.granted ? granted(answer, sentAt) : taken(answer)
      if (this.last.is === 'granted' && !suffices(answer.expiresIn, attempt))
        this.last = await this.#lengthened(this.last.token, attempt, deadline)
    } catch (error) {
      if (!isTrouble(error)) throw error
      this.last = { is: 'trouble', error, pause: Math.min(retryDelay.max, retryDelay.initial * 2 ** this.#failures) }
      this.#failures += 1
    }
    return this.last
  }

  /** Withdraw the place in the queue, or the grant that nobody will use; what fails here ends with the lease or with the wait. */
  withdraw(): void {
    if (this.#remembered) this.#store.cancel(this.id, { deadline: monotonic() + defaultTimeout }).catch(() => {})
  }

  /** The grant was made to an earlier request, a while ago or with another ttl: let it last as long as this caller asked. */
  async #lengthened(token: number, { ttl, signal }: Attempt, deadline: number): Promise<Answer> {
    const sentAt = monotonic()
    const extended = this.#store.extend([{ ...this.id, ttl }], { deadline })
    const [still] = await bounded(extended, deadline, signal, () => notAnswered(`lock ${this.id.name}`))
    return still === true ? granted({ token, expiresIn: ttl }, sentAt) : { is: 'late', pause: 0 }
  }
}

/** The lease counts from the sending of the request whose reply granted it (contract, Locks 3). */
function granted({ token, expiresIn }: { token: number; expiresIn: number }, sentAt: number): Answer {
  const deadline = sentAt + expiresIn - driftMargin(expiresIn)
  const at = monotonic()
  return at < deadline ? { is: 'granted', token, deadline, at } : { is: 'late', pause: 0 }
}

/** The head asks when what is in the way ends. Those behind it hear of nothing that it fails to hear of, and so look once in a window too. */
function taken({ place, expiresIn }: { place: number; expiresIn: number }): Answer {
  return { is: 'taken', place, pause: (place === 1 ? expiresIn : Math.min(expiresIn, offerWindow)) + 2 }
}

/** The store could not be reached, or its answer was lost: asking again with the same owner is safe. */
export function isTrouble(error: unknown): boolean {
  return isStateError(error) && (error.code === 'LOCKSTEP_UNAVAILABLE' || error.code === 'LOCKSTEP_OUTCOME_UNKNOWN')
}
