import { Acquisition, type Attempt } from './acquisition.ts'
import type { FoldedCall } from './folded-call.ts'
import { Folder } from './folder.ts'
import type { Lease } from './lease.ts'
import { Link, type LinkListener } from './link.ts'
import type { Random } from './random.ts'
import type { Timer } from './timer.ts'
import type { World } from './world.ts'

/** One process with its state, until it is killed. */
export class Worker implements LinkListener {
  readonly world: World
  readonly name: string
  readonly link: Link
  readonly counters: Folder
  readonly entries: Folder
  readonly acquisitions: Acquisition[] = []
  /** Those that it holds, or held until a moment ago. */
  readonly leases: Lease[] = []
  /** The last that it does not hold any more, but may still use. */
  past: Lease | undefined
  readonly changes: FoldedCall[] = []
  readonly #timers: Timer[]
  #owners = 0
  /** By SIGSTOP: nothing of it runs. */
  stopped = false
  closing = false
  /** It has said goodbye, and ends. */
  gone = false

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
    this.link = new Link(world, this)
    this.counters = new Folder(this, 'changeCounter')
    this.entries = new Folder(this, 'changeEntry')
    this.#timers = [this.link.sweep, this.link.dial]
  }

  /** Nothing is under way. */
  get idle(): boolean {
    return this.acquisitions.length === 0 && this.link.idle && this.changes.every((call) => call.settled)
  }

  nextDue(): number {
    let next = Infinity
    for (const { due } of this.#timers) if (due < next) next = due
    return next
  }

  /** Fire one of the timers that are due; `false`: there is none. */
  fire(random: Random): boolean {
    const due = this.#timers.filter((timer) => timer.due <= this.world.now)
    if (due.length === 0) return false
    due[random.below(due.length)]?.fire()
    this.endTurn()
    return true
  }

  endTurn(): void {
    this.counters.flush()
    this.entries.flush()
    this.link.transmit()
  }

  acquire(attempt: Attempt): void {
    const acquisition = new Acquisition(this, `${this.name}.${(this.#owners += 1)}`, attempt)
    this.acquisitions.push(acquisition)
    this.#timers.push(acquisition)
  }

  /** The acquisition has come to its end. */
  leave(acquisition: Acquisition): void {
    remove(this.acquisitions, acquisition)
    remove(this.#timers, acquisition)
  }

  hold(lease: Lease): void {
    this.leases.push(lease)
    this.#timers.push(lease)
  }

  forget(lease: Lease): void {
    this.past = lease
    remove(this.leases, lease)
    remove(this.#timers, lease)
  }

  track(call: FoldedCall): void {
    this.changes.push(call)
    this.#timers.push(call)
  }

  drop(call: FoldedCall): void {
    remove(this.changes, call)
    remove(this.#timers, call)
  }

  /** Give back everything and say goodbye. */
  close(): void {
    this.closing = true
    for (const acquisition of this.acquisitions.slice()) acquisition.abort()
    for (const lease of this.leases.slice()) lease.giveBack()
    this.link.sayGoodbye()
  }

  offered(owner: string): void {
    this.acquisitions.find((each) => each.owner === owner)?.wake()
  }

  lost(): void {
    if (this.world.rules.linkLosesLeases) {
      for (const lease of this.leases.slice()) {
        if (lease.held) this.world.coverage.count('leases lost with the link')
        lease.lose()
      }
    }
    for (const acquisition of this.acquisitions.slice()) acquisition.wake()
  }

  ended(): void {
    this.gone = true
  }
}

function remove<Item>(items: Item[], item: Item): void {
  const index = items.indexOf(item)
  if (index >= 0) items.splice(index, 1)
}
