import { Agent } from 'node:http'
import { ask } from './ask.ts'

export interface Failure {
  readonly code?: string
  /** The connection had served a request before. */
  readonly reused: boolean
}

/** Clients that ask one request after the other until they are stopped. */
export class Load {
  answered = 0
  readonly failures: Failure[] = []
  readonly #agent: Agent | false
  readonly #clients: Promise<void>[]
  #stopped = false

  constructor(port: number, { clients, keepAlive }: { clients: number; keepAlive: boolean }) {
    this.#agent = keepAlive && new Agent({ keepAlive, maxSockets: clients })
    this.#clients = Array.from({ length: clients }, () => this.#client(port))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#clients)
    if (this.#agent) this.#agent.destroy()
  }

  async #client(port: number): Promise<void> {
    while (!this.#stopped) {
      try {
        await ask(port, '/', this.#agent)
        this.answered++
      } catch (error) {
        this.failures.push(error as Failure)
      }
    }
  }
}
