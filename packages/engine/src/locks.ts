import type { AcquireAnswer, ExtendRequest, LockInspection, LockOwner } from '@lockstep/state'
import type { Command } from './command.ts'
import type { LockRecord } from './snapshot.ts'
import type { Tokens } from './tokens.ts'
import { type Waiter, Waiters } from './waiters.ts'
import { type Timed, unscheduled, Wheel } from './wheel.ts'

/** Milliseconds at most that the head of a queue has to take its lock: a dead waiter costs the others no more. */
const offerWindow = 2_000

interface Holder {
  readonly client: string
  readonly owner: string
  readonly token: number
}

interface Lock extends Timed<Lock> {
  readonly name: string
  holder: Holder | undefined
  /** The head of the queue, while it alone may take the free lock. */
  offered: Waiter | undefined
  readonly waiters: Waiters
  /** Of the lease, or of the offer. */
  deadline: number
  /** All who may have a lease or a waiter here. */
  readonly clients: Set<string>
}

/**
 * Locks with leases, queues and offers. Every command settles its lock first: after that the lock is held, or offered
 * to the head of its queue, or free and without a queue, and then it is forgotten. A grant is only ever the answer to
 * an `acquire`; a release or an expiry merely offers, for a short window, so that no lease goes to a waiter who died.
 */
export class Locks {
  readonly #tokens: Tokens
  readonly #onOffer: (client: string, owner: string) => void
  readonly #locks: Map<string, Lock> = new Map()
  readonly #byClient: Map<string, Set<Lock>> = new Map()
  readonly #wheel: Wheel<Lock>

  constructor(tokens: Tokens, onOffer: (client: string, owner: string) => void, now: number) {
    this.#tokens = tokens
    this.#onOffer = onOffer
    this.#wheel = new Wheel(now)
  }

  get size(): number {
    return this.#locks.size
  }

  get waiting(): number {
    let waiting = 0
    for (const { waiters } of this.#locks.values()) waiting += waiters.size
    return waiting
  }

  acquire(client: string, request: Command<'acquire'>, now: number, wall: number): AcquireAnswer {
    const { name, owner, ttl, wait, reserve } = request
    const lock = this.#settled(name, now) ?? this.#create(name)
    if (lock.holder === undefined && lock.offered === lock.waiters.find(client, owner)) {
      // Either the offer is open to this owner, or there is no queue and both are undefined.
      lock.waiters.remove(client, owner)
      this.#hold(lock, { client, owner, token: this.#tokens.next(wall, reserve) }, now + ttl)
    }
    const expiresIn = lock.deadline - now
    if (isHolder(lock.holder, client, owner)) return { granted: true, token: lock.holder.token, expiresIn }
    if (wait > 0) {
      const place = this.#enqueue(lock, { client, owner, ttl, until: now + wait })
      return { granted: false, expiresIn, place }
    }
    lock.waiters.remove(client, owner)
    return { granted: false, expiresIn, place: 0 }
  }

  /** `true`: there was a grant or a place in the queue to give up. */
  cancel(client: string, { name, owner }: LockOwner, now: number): boolean {
    const lock = this.#settled(name, now)
    if (lock === undefined) return false
    if (isHolder(lock.holder, client, owner)) lock.holder = undefined
    else if (!lock.waiters.remove(client, owner)) return false
    this.#settle(lock, now)
    return true
  }

  extend(client: string, leases: readonly ExtendRequest[], now: number): boolean[] {
    return leases.map(({ name, owner, ttl }) => {
      const lock = this.#settled(name, now)
      if (lock === undefined || !isHolder(lock.holder, client, owner)) return false
      lock.deadline = Math.max(lock.deadline, now + ttl)
      return true
    })
  }

  release(client: string, { name, owner }: LockOwner, now: number): boolean {
    const lock = this.#settled(name, now)
    if (lock === undefined || !isHolder(lock.holder, client, owner)) return false
    lock.holder = undefined
    this.#settle(lock, now)
    return true
  }

  /** Changes nothing: what is over is left out of the answer, and let go by the next command or tick. */
  inspect(name: string, now: number): LockInspection {
    const lock = this.#locks.get(name)
    if (lock === undefined) return { held: false, token: 0, expiresIn: 0, waiters: 0 }
    const over = lock.deadline <= now
    const lapsed = lock.holder === undefined && over ? lock.offered?.client : undefined
    const waiters = lock.waiters.count(now, lapsed)
    if (lock.holder === undefined || over) return { held: false, token: 0, expiresIn: 0, waiters }
    return { held: true, token: lock.holder.token, expiresIn: lock.deadline - now, waiters }
  }

  dropClient(client: string, keepLeases: boolean, now: number): void {
    for (const lock of this.#byClient.get(client) ?? []) {
      const held = lock.holder?.client === client
      const waited = lock.waiters.removeClient(client)
      if (held && !keepLeases) lock.holder = undefined
      if (!held || !keepLeases) this.#unlink(lock, client)
      // Who only was here once moves nothing: no snapshot knows it, and a restored engine has to go on alike.
      if (held || waited) this.#settle(lock, now)
    }
  }

  dropAllClients(keepLeases: boolean, now: number): void {
    for (const client of this.#byClient.keys()) this.dropClient(client, keepLeases, now)
  }

  tick(now: number): void {
    this.#wheel.advance(now, (lock) => this.#settle(lock, now))
  }

  nextDeadline(): number {
    return this.#wheel.nextDeadline()
  }

  *records(now: number): Iterable<LockRecord> {
    for (const { name, holder, deadline, waiters } of this.#locks.values()) {
      const queue = Array.from(waiters, ({ until, ...waiter }) => ({ ...waiter, expiresIn: until - now }))
      yield { kind: 'lock', name, holder: holder ?? null, expiresIn: deadline - now, waiters: queue }
    }
  }

  restore({ name, holder, expiresIn, waiters }: LockRecord, now: number): void {
    const lock = this.#create(name)
    for (const { expiresIn: waitsFor, ...waiter } of waiters) {
      this.#enqueue(lock, { ...waiter, until: now + waitsFor })
    }
    if (holder !== null) {
      this.#hold(lock, holder, now + expiresIn)
      return
    }
    lock.offered = lock.waiters.head()
    lock.deadline = now + expiresIn
    this.#wheel.schedule(lock)
  }

  /** `undefined`: free, and nobody waits. */
  #settled(name: string, now: number): Lock | undefined {
    const lock = this.#locks.get(name)
    return lock !== undefined && this.#settle(lock, now) ? lock : undefined
  }

  /** Let go what is over, and offer on what is free. `false`: the lock was idle and is forgotten. */
  #settle(lock: Lock, now: number): boolean {
    if (lock.holder !== undefined && lock.deadline <= now) lock.holder = undefined
    lock.waiters.removeOver(now)
    if (lock.holder !== undefined) return true
    // Who lets an offer lapse is not listening: its other waiters would only cost the queue a window each.
    if (lock.offered !== undefined && lock.deadline <= now) lock.waiters.removeClient(lock.offered.client)
    const head = lock.waiters.head()
    if (head === undefined) {
      this.#forget(lock)
      return false
    }
    if (head !== lock.offered) {
      lock.offered = head
      lock.deadline = now + Math.min(head.ttl, offerWindow)
      this.#wheel.schedule(lock)
      this.#onOffer(head.client, head.owner)
    }
    return true
  }

  #hold(lock: Lock, holder: Holder, deadline: number): void {
    lock.holder = holder
    lock.offered = undefined
    lock.deadline = deadline
    this.#wheel.schedule(lock)
    this.#link(lock, holder.client)
  }

  #enqueue(lock: Lock, waiter: Waiter): number {
    this.#link(lock, waiter.client)
    return lock.waiters.enqueue(waiter)
  }

  #create(name: string): Lock {
    const lock: Lock = {
      name,
      holder: undefined,
      offered: undefined,
      waiters: new Waiters(),
      clients: new Set(),
      deadline: Infinity,
      slot: unscheduled,
      previous: undefined,
      next: undefined,
    }
    this.#locks.set(name, lock)
    return lock
  }

  #forget(lock: Lock): void {
    this.#locks.delete(lock.name)
    this.#wheel.cancel(lock)
    for (const client of lock.clients) this.#unlink(lock, client)
  }

  #link(lock: Lock, client: string): void {
    lock.clients.add(client)
    const locks = this.#byClient.get(client)
    if (locks === undefined) this.#byClient.set(client, new Set([lock]))
    else locks.add(lock)
  }

  #unlink(lock: Lock, client: string): void {
    lock.clients.delete(client)
    const locks = this.#byClient.get(client)
    locks?.delete(lock)
    if (locks?.size === 0) this.#byClient.delete(client)
  }
}

function isHolder(holder: Holder | undefined, client: string, owner: string): holder is Holder {
  return holder !== undefined && holder.client === client && holder.owner === owner
}
