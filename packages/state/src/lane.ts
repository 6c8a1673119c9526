import { suffices } from './attempt.ts'
import type { Answer, Claim, Claims } from './claim.ts'
import { monotonic } from './clock.ts'
import { HeldLease, type LeaseHome } from './lease.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { Line } from './line.ts'
import type { Waiter } from './waiter.ts'

/** How long after a grant the lock is handed on, in milliseconds: after that the process queues again, behind those that wait meanwhile. */
const slice = 10

/** What all lanes of one store have in common. */
export interface Lanes {
  /** Hand-overs within one grant; 0: every caller has a lane of its own. */
  readonly cohort: number
  /** Those that callers may join. */
  readonly byName: Map<string, Lane>
  readonly claims: Claims
  readonly keeper: LeaseKeeper
  /** When it aborts nothing more is given out. */
  readonly closing: AbortSignal
}

/** What a caller is told. `pause`: milliseconds to sleep before it asks again unless it is woken. */
export type Reply =
  | { readonly is: 'granted'; readonly lease: HeldLease }
  | { readonly is: 'taken'; readonly pause: number }
  /** Another caller of this process has asked the store and has no answer yet. */
  | { readonly is: 'pending'; readonly pause: number }
  | Exclude<Answer, { is: 'granted' | 'taken' }>

/** A grant of the store, and who of this process has it now. */
interface Tenure {
  lease: HeldLease
  handOvers: number
  /** When it was granted, on `monotonic()`. */
  readonly since: number
}

/**
 * The callers of this process who wait for one lock, in order of arrival, and the lease that one of them has. Only the first asks the store, and a lease
 * that is released goes to the first at once, without a request, a bounded number of times for each grant (protocols, Hand-overs). After Dice, Marathe
 * and Shavit, "Lock Cohorting", PPoPP 2012.
 */
export class Lane implements LeaseHome {
  readonly #name: string
  readonly #lanes: Lanes
  readonly #line = new Line()
  /** Of the first in line, or of the first before it. */
  #claim: Claim | undefined
  #tenure: Tenure | undefined
  #sliceEnd: NodeJS.Timeout | undefined

  constructor(name: string, lanes: Lanes) {
    this.#name = name
    this.#lanes = lanes
  }

  /** Somebody of this process holds the lock, or is before a newcomer. */
  get busy(): boolean {
    return this.#line.first !== undefined || this.#tenure?.lease.held === true
  }

  join(waiter: Waiter): void {
    this.#line.add(waiter)
    if (this.#handsOn()) this.#next()
  }

  /** What can be told without a request; `undefined`: the waiter is the one to ask. */
  reply(waiter: Waiter): Reply | undefined {
    const lease = waiter.take()
    if (lease !== undefined) return { is: 'granted', lease }
    if (waiter === this.#line.first && !this.#handsOn()) return undefined
    const last = this.#claim?.last
    if (this.#tenure !== undefined || last?.is === 'taken') return { is: 'taken', pause: Infinity }
    return last?.is === 'trouble' ? { ...last, pause: Infinity } : { is: 'pending', pause: Infinity }
  }

  /** For the first in line to ask with. */
  claim(): Claim {
    this.#claim ??= this.#lanes.claims.open(this.#name, () => this.#line.first?.wake())
    return this.#claim
  }

  /** What the store has answered to the first in line. */
  hear(waiter: Waiter, answer: Answer): Reply {
    this.#lanes.closing.throwIfAborted()
    const reply = answer.is === 'granted' ? { is: answer.is, lease: this.#hold(waiter, answer) } : answer
    if (this.#line.first !== undefined) this.#tellOverdue()
    return reply
  }

  /** The waiter has its lease, or wants it no more. */
  leave(waiter: Waiter): void {
    waiter
      .take()
      ?.release()
      .catch(() => {})
    const first = waiter === this.#line.first
    if (!this.#line.remove(waiter)) return
    if (this.#line.first === undefined) {
      this.#claim?.withdraw()
      this.#closeClaim()
    }
    if (first) this.#next()
  }

  extend(lease: HeldLease, ttl: number): Promise<void> {
    return this.#lanes.keeper.extend(lease, ttl)
  }

  release(lease: HeldLease): Promise<boolean> {
    if (this.#handOn(lease)) return Promise.resolve(true)
    const released = this.#lanes.keeper.release(lease)
    this.#end(lease)
    return released
  }

  forget(lease: HeldLease): void {
    this.#lanes.keeper.forget(lease)
    this.#end(lease)
  }

  /** To the first in line, synchronously. */
  #handOn(lease: HeldLease): boolean {
    const { keeper, closing } = this.#lanes
    const tenure = this.#tenure
    const next = this.#line.first
    if (tenure?.lease !== lease || next === undefined || !this.#handsOn() || closing.aborted) return false
    const now = monotonic()
    const left = lease.deadline - now
    if (left > next.attempt.ttl || !suffices(left, next.attempt)) return false
    tenure.lease = lease.handOn(next.attempt, now)
    tenure.handOvers += 1
    keeper.watch(tenure.lease)
    keeper.forget(lease)
    this.#line.remove(next)
    next.give(tenure.lease)
    this.#next()
    return true
  }

  #hold(waiter: Waiter, { token, deadline, at }: { token: number; deadline: number; at: number }): HeldLease {
    this.#tenure?.lease.lose('is lost: the store no longer knew of it and gave the lock out anew')
    const { ttl, autoExtend } = waiter.attempt
    const { name, owner } = this.claim().id
    const lease = new HeldLease({ name, owner, token, ttl, autoExtend, deadline, since: at }, this)
    this.#lanes.keeper.watch(lease)
    this.#closeClaim()
    this.#line.remove(waiter)
    this.#replaceTenure({ lease, handOvers: 0, since: at })
    this.#next()
    return lease
  }

  #end(lease: HeldLease): void {
    if (this.#tenure?.lease !== lease) return
    this.#replaceTenure(undefined)
    const last = this.#claim?.last
    // Others are before us in the store: the offer will come after theirs.
    if (last?.is === 'taken' && last.place > 1) return
    this.#next()
  }

  /** See to it that the first in line asks as soon as nothing more is handed on. */
  #next(): void {
    const first = this.#line.first
    if (first === undefined) this.#dropIdle()
    else if (!this.#handsOn()) first.wake()
    else this.#watchSlice()
  }

  #watchSlice(): void {
    if (this.#sliceEnd !== undefined || this.#tenure === undefined) return
    const end = (): void => {
      this.#sliceEnd = undefined
      this.#next()
    }
    this.#sliceEnd = setTimeout(end, Math.ceil(this.#tenure.since + slice - monotonic()))
    this.#sliceEnd.unref()
  }

  #replaceTenure(tenure: Tenure | undefined): void {
    clearTimeout(this.#sliceEnd)
    this.#sliceEnd = undefined
    this.#tenure = tenure
  }

  #handsOn(): boolean {
    const tenure = this.#tenure
    if (tenure === undefined || tenure.handOvers >= this.#lanes.cohort) return false
    return monotonic() - tenure.since < slice
  }

  /** Those whose wait is over were only waiting for news of the store. */
  #tellOverdue(): void {
    const now = monotonic()
    for (const waiter of this.#line) if (waiter.until <= now) waiter.wake()
  }

  #closeClaim(): void {
    if (this.#claim !== undefined) this.#lanes.claims.close(this.#claim)
    this.#claim = undefined
  }

  #dropIdle(): void {
    const { byName } = this.#lanes
    if (this.#tenure === undefined && byName.get(this.#name) === this) byName.delete(this.#name)
  }
}
