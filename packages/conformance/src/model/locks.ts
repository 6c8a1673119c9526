import type { AcquireAnswer, ExtendRequest, LockInspection, LockOwner } from '@lockstep/state'
import type { AcquireStep } from './steps.ts'
import type { Time } from './time.ts'
import type { Tokens } from './tokens.ts'

/** An offer lasts as long as the lease would, and at most this many milliseconds. */
const longestOffer = 2_000

/** One attempt of one caller of one client (process). */
interface Caller {
  readonly client: string
  readonly owner: string
}

interface Waiter extends Caller {
  readonly ttl: number
  readonly waitsUntil: number
}

interface Holder extends Caller {
  readonly token: number
  endsAt: number
}

interface Offer extends Caller {
  readonly endsAt: number
}

interface Lock {
  readonly name: string
  holder?: Holder | undefined
  /** To the head of the queue. */
  offer?: Offer | undefined
  queue: readonly Waiter[]
}

/** Locks with a queue and offers, contract 1 to 8. */
export class LockModel {
  readonly #tokens: Tokens
  readonly #offered: (client: string, owner: string) => void
  readonly #locks: Lock[] = []

  constructor(tokens: Tokens, offered: (client: string, owner: string) => void) {
    this.#tokens = tokens
    this.#offered = offered
  }

  acquire(client: string, { name, owner, ttl, wait, reserve }: AcquireStep, time: Time): AcquireAnswer {
    const caller = { client, owner }
    const lock = this.#settled(name, time)
    if (lock.holder !== undefined && isSame(lock.holder, caller)) return granted(lock.holder, time)
    const inTheWay = lock.holder ?? (isSame(lock.offer, caller) ? undefined : lock.offer)
    if (inTheWay === undefined) {
      const grant = { ...caller, token: this.#tokens.next(time, reserve), endsAt: time.now + ttl }
      this.#withdraw(lock, caller)
      lock.holder = grant
      return granted(grant, time)
    }
    if (wait > 0) enqueue(lock, { ...caller, ttl, waitsUntil: time.now + wait })
    else this.#withdraw(lock, caller)
    const place = lock.queue.findIndex((waiter) => isSame(waiter, caller)) + 1
    return { granted: false, expiresIn: inTheWay.endsAt - time.now, place }
  }

  cancel(client: string, { name, owner }: LockOwner, time: Time): void {
    const lock = this.#settled(name, time)
    if (isSame(lock.holder, { client, owner })) lock.holder = undefined
    this.#withdraw(lock, { client, owner })
    this.#settle(lock, time)
  }

  extend(client: string, { name, owner, ttl }: ExtendRequest, time: Time): boolean {
    const { holder } = this.#settled(name, time)
    if (holder === undefined || !isSame(holder, { client, owner })) return false
    holder.endsAt = Math.max(holder.endsAt, time.now + ttl)
    return true
  }

  release(client: string, { name, owner }: LockOwner, time: Time): boolean {
    const lock = this.#settled(name, time)
    if (!isSame(lock.holder, { client, owner })) return false
    lock.holder = undefined
    this.#settle(lock, time)
    return true
  }

  inspect(name: string, time: Time): LockInspection {
    const { holder, queue } = this.#settled(name, time)
    const { token, endsAt } = holder ?? { token: 0, endsAt: time.now }
    return { held: holder !== undefined, token, expiresIn: endsAt - time.now, waiters: queue.length }
  }

  /** A process has gone: its waiters too, and its leases unless they are left to their ttl. */
  dropClient(client: string, keepLeases: boolean, time: Time): void {
    for (const lock of this.#locks) {
      this.#settle(lock, time)
      if (lock.holder?.client === client && !keepLeases) lock.holder = undefined
      if (lock.offer?.client === client) lock.offer = undefined
      lock.queue = lock.queue.filter((waiter) => waiter.client !== client)
      this.#settle(lock, time)
    }
  }

  #withdraw(lock: Lock, caller: Caller): void {
    if (isSame(lock.offer, caller)) lock.offer = undefined
    lock.queue = lock.queue.filter((waiter) => !isSame(waiter, caller))
  }

  #settled(name: string, time: Time): Lock {
    const lock = this.#named(name)
    this.#settle(lock, time)
    return lock
  }

  #named(name: string): Lock {
    const known = this.#locks.find((lock) => lock.name === name)
    if (known !== undefined) return known
    const lock: Lock = { name, queue: [] }
    this.#locks.push(lock)
    return lock
  }

  /** What the clock has ended is taken away; a free lock is offered to the head of its queue. */
  #settle(lock: Lock, { now }: Time): void {
    if (lock.holder !== undefined && lock.holder.endsAt <= now) lock.holder = undefined
    lock.queue = lock.queue.filter(({ waitsUntil }) => waitsUntil > now)
    const { offer } = lock
    if (offer !== undefined) {
      const lapsed = offer.endsAt <= now
      if (lapsed) lock.queue = lock.queue.filter(({ client }) => client !== offer.client)
      if (lapsed || !isSame(lock.queue[0], offer)) lock.offer = undefined
    }
    const head = lock.queue[0]
    if (lock.holder !== undefined || lock.offer !== undefined || head === undefined) return
    lock.offer = { client: head.client, owner: head.owner, endsAt: now + Math.min(head.ttl, longestOffer) }
    this.#offered(head.client, head.owner)
  }
}

/** To the end of the queue, or in its old place with its wait renewed. */
function enqueue(lock: Lock, waiter: Waiter): void {
  const queued = lock.queue.some((other) => isSame(other, waiter))
  lock.queue = queued ? lock.queue.map((other) => (isSame(other, waiter) ? waiter : other)) : [...lock.queue, waiter]
}

function granted({ token, endsAt }: { token: number; endsAt: number }, { now }: Time): AcquireAnswer {
  return { granted: true, token, expiresIn: endsAt - now }
}

function isSame(one: Caller | undefined, other: Caller): boolean {
  return one?.client === other.client && one.owner === other.owner
}
