import { randomUUID } from 'node:crypto'
import type { Answer, Command, Operation } from '@lockstep/engine'
import { ClosedError, errorFrom } from '@lockstep/state'
import type { LockListener } from '@lockstep/state'
import { isRefusal } from './answers.ts'
import type { EngineClient } from './client.ts'
import type { LogHealth } from './log.ts'
import { leaveEngine, useEngine } from './process-engine.ts'
import type { EngineChoice, EngineUser } from './process-engine.ts'
import type { EngineRunner } from './runner.ts'

/**
 * A client of the engine of this process, which ends with the last that uses it. Every command is executed before `send`
 * returns. Rejects as `useEngine` does.
 */
export function openLocal(choice: EngineChoice = {}): Promise<EngineClient> {
  return useEngine(choice, (runner) => new LocalClient(runner))
}

class LocalClient implements EngineClient, EngineUser {
  readonly hosts = false
  readonly #id = randomUUID()
  readonly #runner: EngineRunner
  #listener: LockListener | undefined
  #offers: string[] = []
  #closed = false

  constructor(runner: EngineRunner) {
    this.#runner = runner
  }

  send<O extends Operation>(command: Command<O>, deadline: number): Promise<Answer<O>> {
    if (this.#closed) return Promise.reject(new ClosedError('The state was closed'))
    const answer = this.#runner.run(this.#id, command, deadline)
    this.#runner.arm()
    return isRefusal(answer) ? Promise.reject(errorFrom(answer)) : Promise.resolve(answer)
  }

  listen(listener: LockListener): void {
    this.#listener = listener
  }

  async ping(): Promise<LogHealth | undefined> {
    if (this.#closed) throw new ClosedError('The state was closed')
    return this.#runner.log?.health()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#runner.dropClient(this.#id, { keepLeases: false })
    await leaveEngine(this)
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
