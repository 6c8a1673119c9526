import type { AcquireAnswer, Call, LockListener, LockStore } from '@lockstep/state'
import { Batches } from './batch.ts'
import type { Courier } from './courier.ts'
import type { Keys } from './keys.ts'
import { acquire } from './scripts/acquire.ts'
import { cancel } from './scripts/cancel.ts'
import { extend } from './scripts/extend.ts'
import { inspect } from './scripts/inspect.ts'
import { release } from './scripts/release.ts'
import type { Script } from './scripts/script.ts'
import { uncontended } from './scripts/uncontended.ts'

/** Requests whose deadlines are so near to each other, in milliseconds, may travel together; the first deadline counts. */
const deadlineGrain = 50

/** A request of one owner for one lock. */
interface LockRequest {
  readonly script: Script
  readonly name: string
  readonly owner: string
  readonly args: readonly (string | number)[]
  readonly call: Call
}

/** To acquire, with a ttl, or to release, without. */
interface ShortRequest extends LockRequest {
  readonly ttl: number | ''
}

export interface LockStoreOptions {
  readonly courier: Courier
  readonly keys: Keys
  /** The id of this connection. */
  readonly client: string
  readonly cohort: number
  /** Keys of one script lie on one of several nodes, and PUBLISH counts the listeners of one node only. */
  readonly cluster: boolean
}

/** The locks of a server, and how its wake-ups reach those who wait. */
export class RedisLocks implements LockStore {
  readonly cohort: number
  readonly #courier: Courier
  readonly #keys: Keys
  readonly #client: string
  readonly #cluster: boolean
  readonly #channel: string
  readonly #batches: Batches<ShortRequest, unknown>
  /** Owners with a place in a queue. */
  readonly #waiting = new Set<string>()
  #listener: LockListener | undefined

  constructor({ courier, keys, client, cohort, cluster }: LockStoreOptions) {
    this.#courier = courier
    this.#keys = keys
    this.#client = client
    this.cohort = cohort
    this.#cluster = cluster
    this.#channel = keys.ofWakes('')
    // When all that was ready to run has run, and not a turn later.
    this.#batches = new Batches({
      schedule: (flush) => process.nextTick(flush),
      weigh: () => 1,
      alone: (request) => this.#askAlone(request),
      together: (requests) => this.#askTogether(requests),
    })
  }

  async acquire(
    { name, owner, ttl, wait }: { name: string; owner: string; ttl: number; wait: number },
    call: Call,
  ): Promise<AcquireAnswer> {
    const answer = await this.#ask({ script: acquire, name, owner, ttl, args: [ttl, wait, this.#client], call })
    const [granted, tokenOrLeft, leftOrPlace] = Array.isArray(answer) ? answer.map(Number) : [1, Number(answer), ttl]
    if (granted === 1) {
      this.#waiting.delete(owner)
      return { granted: true, token: Number(tokenOrLeft), expiresIn: Number(leftOrPlace) }
    }
    const place = Number(leftOrPlace)
    if (place > 0) this.#waiting.add(owner)
    return { granted: false, expiresIn: Number(tokenOrLeft), place }
  }

  async cancel({ name, owner }: { name: string; owner: string }, call: Call): Promise<void> {
    this.#waiting.delete(owner)
    // Behind the acquire that it cancels, which leaves at the end of this tick.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    await this.#askAlone({ script: cancel, name, owner, args: [], call })
  }

  async release({ name, owner }: { name: string; owner: string }, call: Call): Promise<boolean> {
    return Number(await this.#ask({ script: release, name, owner, ttl: '', args: [], call })) === 1
  }

  async extend(
    leases: readonly { name: string; owner: string; ttl: number }[],
    call: Call,
  ): Promise<readonly boolean[]> {
    if (!this.#cluster) return this.#extend(leases, call)
    return (await Promise.all(leases.map((lease) => this.#extend([lease], call)))).flat()
  }

  async inspect(
    name: string,
    call: Call,
  ): Promise<{ held: boolean; token: number; expiresIn: number; waiters: number }> {
    const answer = (await this.#courier.run(inspect, this.#keys.ofLock(name), [''], call)) as number[]
    const [token = 0, expiresIn = 0, waiters = 0] = answer.map(Number)
    return { held: token > 0, token, expiresIn, waiters }
  }

  listen(listener: LockListener): void {
    this.#listener = listener
  }

  offered(owner: string): void {
    this.#listener?.offered(owner)
  }

  /** Wake-ups may have been missed: let everybody who waits ask again. */
  wakeAll(): void {
    for (const owner of this.#waiting) this.#listener?.offered(owner)
  }

  async #extend(leases: readonly { name: string; owner: string; ttl: number }[], call: Call): Promise<boolean[]> {
    const keys = leases.map(({ name }) => this.#keys.of('lock', name))
    const args = leases.flatMap(({ owner, ttl }) => [owner, ttl])
    const answers = (await this.#courier.run(extend, keys, args, call)) as unknown[]
    return answers.map((answer) => Number(answer) === 1)
  }

  #ask(request: ShortRequest): Promise<unknown> {
    if (this.#cluster) return this.#askAlone(request)
    return this.#batches.add(request, Math.floor(request.call.deadline / deadlineGrain))
  }

  /** As far as nobody waits for these locks they are one script; the rest are asked for one by one. */
  async #askTogether(requests: readonly ShortRequest[]): Promise<readonly unknown[]> {
    const keys = requests.map(({ name }) => this.#keys.of('lock', name))
    const args = requests.flatMap(({ owner, ttl }) => [owner, ttl])
    const deadline = Math.min(...requests.map(({ call }) => call.deadline))
    const answers = (await this.#courier.run(uncontended, keys, args, { deadline })) as string[]
    return requests.map((request, index) => (answers[index] === '' ? this.#askAlone(request) : answers[index]))
  }

  #askAlone({ script, name, owner, args, call }: LockRequest): Promise<unknown> {
    return this.#courier.run(
      script,
      this.#keys.ofLock(name),
      [owner, this.#channel, this.#cluster ? 0 : 1, ...args],
      call,
    )
  }
}
