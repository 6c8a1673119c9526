import type { Answer, Command, Operation } from '@lockstep/engine'
import { ClosedError, errorFrom } from '@lockstep/state'
import type { LockListener } from '@lockstep/state'
import { isRefusal } from './answers.ts'
import type { EngineClient } from './client.ts'
import { EngineRunner } from './runner.ts'

/**
 * A client of the engine of this process, which its clients share and which ends with the last of them. Every command
 * is executed before `send` returns.
 */
export function openLocal(): EngineClient {
  shared[key] ??= new LocalEngine()
  return shared[key].open()
}

// Kept where every copy of this package in the process finds it: two engines would be two truths.
const key = Symbol.for('lockstep.LocalEngine')
const shared = globalThis as typeof globalThis & { [key]?: LocalEngine | undefined }

class LocalEngine {
  readonly runner: EngineRunner
  readonly #clients = new Map<string, LocalClient>()
  #opened = 0
  #offers: { readonly client: string; readonly owner: string }[] = []

  constructor() {
    this.runner = new EngineRunner((client, owner) => this.#offer(client, owner))
  }

  open(): LocalClient {
    const client = new LocalClient(`${(this.#opened += 1)}`, this)
    this.#clients.set(client.id, client)
    return client
  }

  leave(client: LocalClient): void {
    this.#clients.delete(client.id)
    this.runner.dropClient(client.id, { keepLeases: false })
    if (this.#clients.size > 0) return
    this.runner.stop()
    shared[key] = undefined
  }

  // The engine is in the middle of a command here, and the waiter may not have seen yet that it has to wait.
  #offer(client: string, owner: string): void {
    if (this.#offers.push({ client, owner }) === 1) setImmediate(this.#tellOffers)
  }

  readonly #tellOffers = (): void => {
    const offers = this.#offers
    this.#offers = []
    for (const { client, owner } of offers) this.#clients.get(client)?.listener?.offered(owner)
  }
}

class LocalClient implements EngineClient {
  readonly id: string
  listener: LockListener | undefined
  readonly #engine: LocalEngine
  #closed = false

  constructor(id: string, engine: LocalEngine) {
    this.id = id
    this.#engine = engine
  }

  send<O extends Operation>(command: Command<O>, deadline: number): Promise<Answer<O>> {
    if (this.#closed) return Promise.reject(new ClosedError('the state was closed'))
    const { runner } = this.#engine
    const answer = runner.execute(this.id, command, deadline, runner.time())
    runner.arm()
    return isRefusal(answer) ? Promise.reject(errorFrom(answer)) : Promise.resolve(answer)
  }

  listen(listener: LockListener): void {
    this.listener = listener
  }

  async ping(): Promise<void> {
    if (this.#closed) throw new ClosedError('the state was closed')
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#engine.leave(this)
  }
}
