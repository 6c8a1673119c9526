import type { Call, Asker } from './call.ts'
import type { Timer } from './timer.ts'
import type { Worker } from './worker.ts'

/** A lease as its holder knows it, with its auto-extension, as `HeldLease` and `LeaseKeeper` have them. */
export class Lease implements Timer, Asker {
  readonly #worker: Worker
  readonly name: string
  readonly owner: string
  /** By which the host knows the holder. */
  readonly client: string
  readonly token: number
  readonly lineage: number
  readonly #ttl: number
  readonly #autoExtend: boolean
  /** Monotonic milliseconds: the end for its holder. */
  deadline: number
  due = 0
  #ended = false
  #extension: { readonly call: Call; readonly sentAt: number; readonly ttl: number } | undefined

  constructor(
    worker: Worker,
    grant: Pick<Lease, 'name' | 'owner' | 'client' | 'token' | 'lineage' | 'deadline'> & {
      readonly ttl: number
      readonly autoExtend: boolean
    },
  ) {
    this.#worker = worker
    this.name = grant.name
    this.owner = grant.owner
    this.client = grant.client
    this.token = grant.token
    this.deadline = grant.deadline
    this.lineage = grant.lineage
    this.#ttl = grant.ttl
    this.#autoExtend = grant.autoExtend
    this.#schedule()
  }

  /** What its holder believes. */
  get held(): boolean {
    return !this.#ended && this.#worker.world.now < this.deadline
  }

  fire(): void {
    const { world, link } = this.#worker
    if (!this.held) {
      world.coverage.count('leases expired for their holder')
      return this.lose()
    }
    this.#schedule()
    if (!this.#autoExtend) return
    this.#extension = {
      call: link.request(
        { op: 'extend', leases: [{ name: this.name, owner: this.owner, ttl: this.#ttl }] },
        world.now + this.#ttl / 3,
        this,
      ),
      sentAt: world.now,
      ttl: this.#ttl,
    }
  }

  /** At its holder's wish. */
  extend(ttl: number): void {
    const { world, link } = this.#worker
    const request = { op: 'extend', leases: [{ name: this.name, owner: this.owner, ttl }] } as const
    this.#extension = { call: link.request(request, world.now + 5_000, this), sentAt: world.now, ttl }
  }

  answered(answer: unknown, call: Call): void {
    const extension = this.#extension
    const { world } = this.#worker
    // An attempt that a later one has followed is known to nobody else: its answer is left alone, as after its time.
    if (extension?.call !== call) return
    if (Array.isArray(answer) && answer[0] === true) {
      world.coverage.count('leases extended')
      const { ttl } = extension
      const from = world.rules.leaseCountsFrom === 'sending' ? extension.sentAt : world.now
      this.deadline = Math.max(this.deadline, from + ttl - world.rules.margin(ttl))
    } else if (!this.#ended) {
      world.coverage.count('extensions refused')
      this.lose()
    }
  }

  refused(): void {}

  release(): void {
    const { world, link } = this.#worker
    this.lose()
    link.request({ op: 'release', name: this.name, owner: this.owner }, world.now + 5_000, {
      answered: (still) => world.coverage.count(still === true ? 'leases released' : 'leases released too late'),
      refused: () => {},
    })
  }

  /** Release it; who finds it expired is told so, and then it is lost for good. */
  giveBack(): void {
    if (this.held) return this.release()
    this.#worker.world.coverage.count('leases expired for their holder')
    this.lose()
  }

  /** It is over for its holder. */
  lose(): void {
    this.#ended = true
    this.due = Infinity
    this.#worker.forget(this)
  }

  #schedule(): void {
    const { now } = this.#worker.world
    const left = this.deadline - now
    this.due = now + Math.max(1, this.#autoExtend ? Math.min(this.#ttl / 3, left) : left)
  }
}
