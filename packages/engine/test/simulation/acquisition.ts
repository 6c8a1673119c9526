import type { AcquireAnswer } from '@lockstep/state'
import type { Asker, Call } from './call.ts'
import { Lease } from './lease.ts'
import type { Timer } from './timer.ts'
import type { Worker } from './worker.ts'

/** Milliseconds. */
const longestOffer = 2_000
const retryDelay = { initial: 20, longest: 500 }

export interface Attempt {
  readonly name: string
  readonly ttl: number
  readonly wait: number
  readonly timeout: number
  readonly autoExtend: boolean
}

/** One caller who wants a lock: asks, and while it is taken asks again, as `Acquirer` and `Claim` have it. */
export class Acquisition implements Timer, Asker {
  readonly #worker: Worker
  readonly #attempt: Attempt
  readonly owner: string
  readonly #until: number
  due = Infinity
  /** The request under way; `undefined` while it sleeps. */
  #call: Call | undefined
  #sentAt = 0
  #askedBy = 0
  #lengthening = 0
  #remembered = false
  #taken = false
  #woken = false
  #failures = 0

  constructor(worker: Worker, owner: string, attempt: Attempt) {
    this.#worker = worker
    this.#attempt = attempt
    this.owner = owner
    this.#until = worker.world.now + attempt.wait
    this.#ask()
  }

  answered(answer: unknown, call: Call): void {
    if (call !== this.#call) return
    if (this.#lengthening > 0) return this.#lengthened(answer as readonly boolean[])
    this.#heard(answer as AcquireAnswer)
  }

  refused(_code: unknown, call: Call): void {
    if (call === this.#call) this.#trouble()
  }

  /** The request has had its time, or the sleep is over. */
  fire(): void {
    if (this.#call !== undefined) this.#trouble()
    else this.#ask()
  }

  wake(): void {
    this.#woken = true
    if (this.#call === undefined) this.#ask()
  }

  abort(): void {
    this.#worker.world.coverage.count('acquires aborted')
    this.#end()
  }

  #ask(): void {
    const { world, link } = this.#worker
    const { name, ttl, timeout } = this.#attempt
    this.#woken = false
    this.#sentAt = world.now
    this.#askedBy = Math.min(world.now, this.#until) + timeout
    const wait = Math.ceil(Math.max(0, this.#until - world.now))
    this.#remembered = true
    this.due = this.#askedBy
    this.#call = link.request({ op: 'acquire', name, owner: this.owner, ttl, wait, reserve: 0 }, this.#askedBy, this)
  }

  #heard(answer: AcquireAnswer): void {
    this.#failures = 0
    if (!answer.granted) {
      this.#remembered = answer.place > 0
      this.#taken = true
      if (answer.place > 1) this.#worker.world.coverage.count('answers of place 2 or more')
      const { expiresIn, place } = answer
      return this.#rest((place === 1 ? expiresIn : Math.min(expiresIn, longestOffer)) + 2)
    }
    this.#remembered = true
    const { ttl, autoExtend } = this.#attempt
    const { expiresIn: left, token } = answer
    if (!this.#inTime(left)) return
    const { world } = this.#worker
    if (left >= (ttl * 2) / 3 && (autoExtend || left >= ttl - world.rules.margin(ttl) - 20))
      return this.#hold(token, left)
    // The grant was made to an earlier request: let it last as long as this caller asked.
    this.#lengthening = token
    this.#sentAt = world.now
    const request = { op: 'extend', leases: [{ name: this.#attempt.name, owner: this.owner, ttl }] } as const
    this.#call = this.#worker.link.request(request, this.#askedBy, this)
  }

  #lengthened([still]: readonly boolean[]): void {
    const token = this.#lengthening
    this.#lengthening = 0
    if (still !== true) return this.#rest(0)
    const { ttl } = this.#attempt
    if (!this.#inTime(ttl)) return
    this.#worker.world.coverage.count('grants lengthened')
    this.#hold(token, ttl)
  }

  /** `false`: the lease is over for us before we heard of it. */
  #inTime(left: number): boolean {
    if (this.#worker.world.now < this.#deadline(left)) return true
    this.#worker.world.coverage.count('grants that came too late')
    this.#rest(0)
    return false
  }

  #deadline(left: number): number {
    const { now, rules } = this.#worker.world
    return (rules.leaseCountsFrom === 'sending' ? this.#sentAt : now) + left - rules.margin(left)
  }

  #hold(token: number, left: number): void {
    const { identity: client = '', connection } = this.#worker.link
    const lineage = connection?.lineage ?? 0
    const { name, ttl, autoExtend } = this.#attempt
    this.#remembered = false
    this.#end()
    this.#worker.hold(
      new Lease(this.#worker, {
        name,
        owner: this.owner,
        client,
        lineage,
        token,
        ttl,
        autoExtend,
        deadline: this.#deadline(left),
      }),
    )
  }

  #trouble(): void {
    this.#lengthening = 0
    this.#rest(Math.min(retryDelay.longest, retryDelay.initial * 2 ** this.#failures++))
  }

  #rest(pause: number): void {
    const { now, coverage } = this.#worker.world
    this.#call = undefined
    if (now >= this.#until) {
      if (!this.#taken) coverage.count('acquires that reached no store')
      else coverage.count(this.#attempt.wait === 0 ? 'tries refused' : 'waits that ran out')
      return this.#end()
    }
    this.due = now + Math.min(this.#until - now, pause)
    if (this.#woken) this.#ask()
  }

  /** Withdraw the place in the queue, or the grant that nobody will use. */
  #end(): void {
    const { world, link } = this.#worker
    this.#call = undefined
    this.due = Infinity
    this.#worker.leave(this)
    if (!this.#remembered) return
    world.coverage.count('places or grants withdrawn')
    link.request({ op: 'cancel', name: this.#attempt.name, owner: this.owner }, world.now + 5_000, {
      answered: () => {},
      refused: () => {},
    })
  }
}
