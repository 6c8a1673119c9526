import type { LockStore } from './adapter.ts'
import type { Attempt } from './attempt.ts'
import { Claims } from './claim.ts'
import { monotonic } from './clock.ts'
import { channels } from './diagnostics.ts'
import { UnavailableError } from './errors.ts'
import { Lane, type Lanes, type Reply } from './lane.ts'
import type { HeldLease } from './lease.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { Waiter } from './waiter.ts'

/** Gets locks for its callers, each of whom waits for its own time and settles with its own error. */
export class Acquirer {
  readonly #lanes: Lanes

  /** When `closing` aborts nothing more is given out; `wake()` then tells those who wait. */
  constructor(store: LockStore, keeper: LeaseKeeper, closing: AbortSignal) {
    const { cohort = 0 } = store
    const claims = new Claims(store, cohort)
    this.#lanes = { cohort, byName: new Map(), claims, keeper, closing }
    store.listen({
      offered: (owner) => claims.offered(owner),
      lost: (cause) => {
        keeper.loseAll(cause)
        this.wake()
      },
    })
  }

  /** Let everybody who asks the store look again; who leaves tells the next in line. */
  wake(): void {
    this.#lanes.claims.wakeAll()
  }

  /** Ask, and while the lock is taken ask again when woken or when it must be our turn; `null` when `wait` is over and the store last said taken. */
  async obtain(attempt: Attempt): Promise<HeldLease | null> {
    const { name, wait, timeout } = attempt
    const started = monotonic()
    const until = started + wait
    if (wait === 0 && this.#lanes.byName.get(name)?.busy) return null
    const lane = this.#lane(name)
    const waiter = new Waiter(attempt, until)
    lane.join(waiter)
    let taken = false
    try {
      for (;;) {
        this.#lanes.closing.throwIfAborted()
        const reply = lane.reply(waiter) ?? lane.hear(waiter, await lane.claim().ask(waiter))
        if (reply.is === 'granted') {
          if (channels.lockAcquired.hasSubscribers) {
            channels.lockAcquired.publish({ name, token: reply.lease.token, waited: monotonic() - started })
          }
          return reply.lease
        }
        taken ||= reply.is === 'taken'
        const now = monotonic()
        // What the one who asks hears is our answer too: it is waited for as long as one of our own would be.
        const end = reply.is === 'pending' && !taken && now >= until ? until + timeout : until
        if (now >= end && taken) return null
        if (now >= end) throw unreachable(name, reply)
        await waiter.sleep(Math.min(end - now, reply.pause))
      }
    } finally {
      lane.leave(waiter)
    }
  }

  #lane(name: string): Lane {
    const { cohort, byName } = this.#lanes
    const lane = byName.get(name) ?? new Lane(name, this.#lanes)
    if (cohort > 0) byName.set(name, lane)
    return lane
  }
}

function unreachable(name: string, reply: Reply): UnavailableError {
  const cause = reply.is === 'trouble' ? { cause: reply.error } : {}
  return new UnavailableError(`lock ${name} could not be had: the store does not answer in time`, cause)
}
