import { randomUUID } from 'node:crypto'
import type { Answer, Command, Operation } from '@lockstep/engine'
import { ClosedError, errorFrom } from '@lockstep/state'
import type { LockListener } from '@lockstep/state'
import { isRefusal } from './answers.ts'
import type { EngineClient } from './client.ts'
import { useEngine } from './process-engine.ts'
import type { EngineUser, ProcessEngine } from './process-engine.ts'

/**
 * A client of the engine of this process, which ends with the last that uses it. Every command is executed before `send`
 * returns.
 */
export function openLocal(): EngineClient {
  return new LocalClient()
}

class LocalClient implements EngineClient, EngineUser {
  readonly hosts = false
  readonly #id = randomUUID()
  readonly #engine: ProcessEngine
  #listener: LockListener | undefined
  #offers: string[] = []
  #closed = false

  constructor() {
    this.#engine = useEngine(this)
  }

  send<O extends Operation>(command: Command<O>, deadline: number): Promise<Answer<O>> {
    if (this.#closed) return Promise.reject(new ClosedError('The state was closed'))
    const { runner } = this.#engine
    const answer = runner.execute(this.#id, command, deadline, runner.time())
    runner.arm()
    return isRefusal(answer) ? Promise.reject(errorFrom(answer)) : Promise.resolve(answer)
  }

  listen(listener: LockListener): void {
    this.#listener = listener
  }

  async ping(): Promise<void> {
    if (this.#closed) throw new ClosedError('The state was closed')
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#engine.runner.dropClient(this.#id, { keepLeases: false })
    this.#engine.remove(this)
  }

  // The waiter may not have seen yet that it has to wait.
  offered(client: string, owner: string): void {
    if (client === this.#id && this.#offers.push(owner) === 1) setImmediate(this.#tellOffers)
  }

  readonly #tellOffers = (): void => {
    const offers = this.#offers
    this.#offers = []
    for (const owner of offers) this.#listener?.offered(owner)
  }
}
