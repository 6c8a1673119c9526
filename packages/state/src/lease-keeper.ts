import type { LockStore } from './adapter.ts'
import { bounded, defaultTimeout, notAnswered } from './calls.ts'
import { monotonic } from './clock.ts'
import type { HeldLease } from './lease.ts'

/** Leases in one request: one step of the store stays short. */
const maxBatch = 500
/** A lease is looked after by timers of this share of what it waits for, so that leases with about the same due time travel together. */
const coarseness = 30
/** How a lease is lost whose extension the store refused. */
const refused = 'is lost: the store no longer knows it as ours'

/**
 * Keeps the leases of one store: extends those that ask for it at a third of their ttl, in batches, and tells a holder when its lease is over. A failed
 * extension is tried again a third of the ttl later, as long as the lease stands.
 */
export class LeaseKeeper {
  readonly #store: LockStore
  readonly #leases = new Map<HeldLease, Bucket>()
  readonly #buckets = new Map<number, Bucket>()

  constructor(store: LockStore) {
    this.#store = store
  }

  watch(lease: HeldLease): void {
    this.#schedule(lease)
  }

  forget(lease: HeldLease): void {
    const bucket = this.#leases.get(lease)
    if (bucket === undefined) return
    this.#leases.delete(lease)
    bucket.leases.delete(lease)
    if (bucket.leases.size === 0) this.#discard(bucket)
  }

  /** Every lease is gone at once: the link to the store that held them is. */
  loseAll(cause: Error): void {
    for (const lease of this.#leases.keys()) lease.lose(`is lost: ${cause.message}`, { cause })
  }

  /** What is still held, released. Failures are left to the ttl. */
  async releaseAll(): Promise<void> {
    await Promise.allSettled([...this.#leases.keys()].map((lease) => lease.release()))
  }

  async release(lease: HeldLease): Promise<boolean> {
    this.forget(lease)
    const deadline = monotonic() + defaultTimeout
    const { name, owner } = lease
    return bounded(this.#store.release({ name, owner }, { deadline }), deadline, undefined, () =>
      notAnswered(`the release of lock ${name}`),
    )
  }

  async extend(lease: HeldLease, ttl: number): Promise<void> {
    const sentAt = monotonic()
    const deadline = sentAt + defaultTimeout
    const request = { name: lease.name, owner: lease.owner, ttl }
    const [still] = await bounded(this.#store.extend([request], { deadline }), deadline, lease.signal, () =>
      notAnswered(`the extension of lock ${lease.name}`),
    )
    if (still === true) lease.renew(sentAt, ttl)
    else lease.lose(refused)
    lease.assertHeld()
  }

  /** Look at the lease again when its extension is due, or else when it ends. */
  #schedule(lease: HeldLease): void {
    const now = monotonic()
    const left = lease.deadline - now
    const wait = lease.autoExtend ? Math.min(lease.ttl / 3, left) : left
    const grain = Math.max(1, Math.floor(wait / coarseness))
    const due = Math.max(Math.floor(now) + 1, Math.floor((now + wait) / grain) * grain)
    let bucket = this.#buckets.get(due)
    if (bucket === undefined) {
      const timer = setTimeout(() => this.#due(due), due - now)
      timer.unref()
      this.#buckets.set(due, (bucket = { due, timer, leases: new Set() }))
    }
    bucket.leases.add(lease)
    this.#leases.set(lease, bucket)
  }

  #due(due: number): void {
    const bucket = this.#buckets.get(due)
    if (bucket === undefined) return
    this.#discard(bucket)
    const extensions: HeldLease[] = []
    for (const lease of bucket.leases) {
      if (!lease.held) continue
      this.#schedule(lease)
      if (lease.autoExtend) extensions.push(lease)
    }
    for (let start = 0; start < extensions.length; start += maxBatch)
      void this.#extendBatch(extensions.slice(start, start + maxBatch))
  }

  #discard(bucket: Bucket): void {
    clearTimeout(bucket.timer)
    this.#buckets.delete(bucket.due)
  }

  async #extendBatch(leases: readonly HeldLease[]): Promise<void> {
    const sentAt = monotonic()
    // Over before the next attempt is due, so that a connection that swallows requests costs one attempt, not the lease.
    const deadline = sentAt + Math.min(...leases.map((lease) => lease.ttl)) / 3
    const requests = leases.map(({ name, owner, ttl }) => ({ name, owner, ttl }))
    try {
      const still = await bounded(this.#store.extend(requests, { deadline }), deadline, undefined, () =>
        notAnswered('an extension'),
      )
      for (const [index, lease] of leases.entries()) {
        if (still[index] === true) lease.renew(sentAt, lease.ttl)
        else if (still[index] === false) lease.lose(refused)
      }
    } catch {
      // The next attempt is scheduled already; the lease ends by its own clock if none succeeds.
    }
  }
}

/** Leases that are looked at together. */
interface Bucket {
  readonly due: number
  readonly timer: NodeJS.Timeout
  readonly leases: Set<HeldLease>
}
