import type { AcquireAnswer, LockInspection } from '@lockstep/state'
import type { Command } from '../../../src/index.ts'
import type { Coverage } from '../coverage.ts'

/** Milliseconds. */
const longestOffer = 2_000
/** What the clock ends is noticed by a tick at the next multiple of this, in milliseconds. */
const tickLength = 16

interface Waiter {
  readonly client: string
  readonly owner: string
  ttl: number
  until: number
}

export interface ReferenceLock {
  readonly name: string
  holder: { readonly client: string; readonly owner: string; readonly token: number; end: number } | undefined
  offer: { readonly client: string; readonly owner: string; end: number } | undefined
  queue: Waiter[]
  /** The last lease was not given back. */
  expired: boolean
}

/** Locks as the contract has them, in an array. */
export class ReferenceLocks {
  readonly locks: ReferenceLock[]
  readonly #coverage: Coverage
  readonly #offered: (client: string, owner: string) => void

  constructor(locks: ReferenceLock[], coverage: Coverage, offered: (client: string, owner: string) => void) {
    this.locks = locks
    this.#coverage = coverage
    this.#offered = offered
  }

  acquire(client: string, command: Command<'acquire'>, now: number, token: (reserve: number) => number): AcquireAnswer {
    const { name, owner, ttl, wait, reserve = 0 } = command
    const lock = this.#settled(name, now)
    if (lock.holder === undefined) {
      const { offer } = lock
      if (offer === undefined || (offer.client === client && offer.owner === owner)) {
        this.#coverage.count(offer === undefined ? 'grants at once' : 'grants of an offer')
        if (lock.expired) this.#coverage.count('grants after an expiry')
        leave(lock, client, owner)
        lock.offer = undefined
        lock.expired = false
        lock.holder = { client, owner, token: token(reserve), end: now + ttl }
        return { granted: true, token: lock.holder.token, expiresIn: ttl }
      }
    } else if (lock.holder.client === client && lock.holder.owner === owner) {
      this.#coverage.count('grants asked for again')
      return { granted: true, token: lock.holder.token, expiresIn: lock.holder.end - now }
    }
    const expiresIn = (lock.holder ?? lock.offer ?? { end: now }).end - now
    if (wait > 0) return { granted: false, expiresIn, place: enqueue(lock, { client, owner, ttl, until: now + wait }) }
    leave(lock, client, owner)
    return { granted: false, expiresIn, place: 0 }
  }

  cancel(client: string, { name, owner }: Command<'cancel'>, now: number): boolean {
    const lock = this.#settled(name, now)
    const held = lock.holder?.client === client && lock.holder.owner === owner
    if (held) lock.holder = undefined
    const waited = leave(lock, client, owner)
    this.#settle(lock, now)
    return held || waited
  }

  extend(client: string, { leases }: Command<'extend'>, now: number): boolean[] {
    return leases.map(({ name, owner, ttl }) => {
      const { holder } = this.#settled(name, now)
      if (holder?.client !== client || holder.owner !== owner) return false
      holder.end = Math.max(holder.end, now + ttl)
      return true
    })
  }

  release(client: string, { name, owner }: Command<'release'>, now: number): boolean {
    const lock = this.#settled(name, now)
    if (lock.holder?.client !== client || lock.holder.owner !== owner) return false
    lock.holder = undefined
    this.#settle(lock, now)
    return true
  }

  /** Only looks: what is over is let go by the next command or tick. */
  inspect({ name }: Command<'inspect'>, now: number): LockInspection {
    const { holder, offer, queue } = this.named(name)
    const held = holder !== undefined && holder.end > now
    const lapsed = holder === undefined && offer !== undefined && offer.end <= now ? offer.client : undefined
    const waiters = queue.filter(({ client, until }) => until > now && client !== lapsed).length
    if (!held) return { held, token: 0, expiresIn: 0, waiters }
    return { held, token: holder.token, expiresIn: holder.end - now, waiters }
  }

  dropClient(client: string, keepLeases: boolean, now: number): void {
    for (const lock of this.locks) {
      const holds = lock.holder?.client === client
      const waits = lock.queue.some((waiter) => waiter.client === client)
      if (!holds && !waits) continue
      lock.queue = lock.queue.filter((waiter) => waiter.client !== client)
      if (holds && !keepLeases) {
        lock.holder = undefined
        this.#coverage.count('leases freed by a death')
      } else if (holds) {
        this.#coverage.count('leases of a cut stream kept')
      }
      this.#settle(lock, now)
    }
  }

  tick(now: number): void {
    for (const lock of this.locks) {
      const end = (lock.holder ?? lock.offer)?.end
      if (end !== undefined && Math.ceil(end / tickLength) <= Math.floor(now / tickLength)) this.#settle(lock, now)
    }
  }

  /** When a tick has something to do at the latest, in monotonic milliseconds. */
  nextTick(): number {
    let next = Infinity
    for (const { holder, offer } of this.locks) {
      const end = (holder ?? offer)?.end
      if (end !== undefined) next = Math.min(next, Math.ceil(end / tickLength) * tickLength)
    }
    return next
  }

  named(name: string): ReferenceLock {
    for (const lock of this.locks) if (lock.name === name) return lock
    const lock: ReferenceLock = { name, holder: undefined, offer: undefined, queue: [], expired: false }
    this.locks.push(lock)
    return lock
  }

  #settled(name: string, now: number): ReferenceLock {
    const lock = this.named(name)
    this.#settle(lock, now)
    return lock
  }

  #settle(lock: ReferenceLock, now: number): void {
    if (lock.holder !== undefined && lock.holder.end <= now) {
      lock.holder = undefined
      lock.expired = true
    }
    if (lock.queue.length > 0) lock.queue = lock.queue.filter(({ until }) => until > now)
    if (lock.holder !== undefined) return
    const { offer } = lock
    if (offer !== undefined && offer.end <= now) {
      lock.queue = lock.queue.filter(({ client }) => client !== offer.client)
      this.#coverage.count('offers lapsed')
    }
    const head = lock.queue[0]
    if (head !== undefined && offer?.client === head.client && offer.owner === head.owner) return
    lock.offer = undefined
    if (head === undefined) return
    lock.offer = { client: head.client, owner: head.owner, end: now + Math.min(head.ttl, longestOffer) }
    this.#offered(head.client, head.owner)
  }
}

/** Returns the place, 1 for the head. */
function enqueue(lock: ReferenceLock, waiter: Waiter): number {
  for (const [index, waiting] of lock.queue.entries()) {
    if (waiting.client !== waiter.client || waiting.owner !== waiter.owner) continue
    waiting.ttl = waiter.ttl
    waiting.until = waiter.until
    return index + 1
  }
  return lock.queue.push(waiter)
}

function leave(lock: ReferenceLock, client: string, owner: string): boolean {
  const { length } = lock.queue
  if (length === 0) return false
  lock.queue = lock.queue.filter((waiter) => waiter.client !== client || waiter.owner !== owner)
  return lock.queue.length < length
}
