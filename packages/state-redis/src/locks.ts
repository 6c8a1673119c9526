import type { AcquireAnswer, Call, LockListener, LockStore } from '@lockstep/state'
import type { Courier } from './courier.ts'
import type { Keys } from './keys.ts'
import { acquire } from './scripts/acquire.ts'
import { cancel } from './scripts/cancel.ts'
import { extend } from './scripts/extend.ts'
import { inspect } from './scripts/inspect.ts'
import { release } from './scripts/release.ts'
import type { Script } from './scripts/script.ts'

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
  }

  async acquire(
    { name, owner, ttl, wait }: { name: string; owner: string; ttl: number; wait: number },
    call: Call,
  ): Promise<AcquireAnswer> {
    const answer = await this.#run(acquire, name, owner, [ttl, wait, this.#client], call)
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
    await this.#run(cancel, name, owner, [], call)
  }

  async release({ name, owner }: { name: string; owner: string }, call: Call): Promise<boolean> {
    return Number(await this.#run(release, name, owner, [], call)) === 1
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
    const answer = (await this.#courier.run(
      inspect,
      [this.#keys.of('lock', name), this.#keys.of('queue', name)],
      [''],
      call,
    )) as number[]
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

  #run(script: Script, name: string, owner: string, args: (string | number)[], call: Call): Promise<unknown> {
    const keys = [this.#keys.of('lock', name), this.#keys.of('queue', name), this.#keys.of('waiters', name)]
    return this.#courier.run(script, keys, [owner, this.#channel, this.#cluster ? 0 : 1, ...args], call)
  }
}
