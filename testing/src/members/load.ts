import { setTimeout as sleep } from 'node:timers/promises'
import { callerOf, type StateCall } from '@lockstep/conformance'
import { Recorder } from '../histories/record.ts'
import { state } from './state.ts'

export interface Load {
  /** Where the calls are recorded, so that they outlive this process. */
  readonly file: string
  /** What the clients are called in the history: this and a number. */
  readonly client: string
  /** For each client, which are concurrent, the calls that it makes one after the other, again and again. */
  readonly clients: readonly (readonly StateCall[])[]
  /** How often each goes through its calls. By default until `stop`, or until a `take` says that there is nothing left. */
  readonly times?: number
  /** Milliseconds between two calls of a client, if any. */
  readonly pause?: number
  /** Of each call to counters and entries, in milliseconds. */
  readonly timeout?: number
  /** Whether each call has an `operationId` of its own. */
  readonly identified?: boolean
}

/** Calls that are made, and recorded, until they are through or until `stop`. */
export class Work {
  readonly #load: Load
  readonly #recorder: Recorder
  readonly #clients: Promise<unknown>
  #stopped = false

  constructor(load: Load) {
    this.#load = load
    this.#recorder = new Recorder(load.file)
    this.#clients = Promise.all(load.clients.map((calls, index) => this.#work(`${load.client}.${index}`, calls)))
  }

  /** Resolves when the last call has been answered. */
  async done(): Promise<void> {
    await this.#clients
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#clients
  }

  async #work(client: string, calls: readonly StateCall[]): Promise<void> {
    const { times = Infinity, pause = 0, timeout, identified = false } = this.#load
    // The options of a call are taken from it.
    const limit = timeout === undefined ? {} : { timeout }
    // A word for a lease is the client's own.
    const make = callerOf(state)
    for (let time = 0; time < times; time += 1) {
      for (const [place, call] of calls.entries()) {
        if (this.#stopped) return
        const id = identified ? { operationId: `${client}: ${time}.${place}` } : {}
        const answer = await this.#recorder.record(client, call, () => make({ ...call, ...limit, ...id }))
        if (answer === null && call.do === 'counters.take') return
        // What a real client does between its calls.
        if (pause > 0) await sleep(pause)
      }
    }
  }
}
