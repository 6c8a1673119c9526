import { EngineRunner } from './runner.ts'

/** Who uses the engine of this process: a client of its own, or a host that opens it to other processes. */
export interface EngineUser {
  /** A waiter may take its lock now. Said to every user, in the middle of a command; the client may be another's. */
  offered(client: string, owner: string): void
  /** It speaks for other processes. */
  readonly hosts: boolean
}

/** The engine that all of a process share: two would be two truths. It ends with the last of its users. */
export class ProcessEngine {
  readonly runner: EngineRunner
  readonly #users = new Set<EngineUser>()

  constructor() {
    this.runner = new EngineRunner((client, owner) => {
      for (const user of this.#users) user.offered(client, owner)
    })
  }

  get hosted(): boolean {
    return [...this.#users].some((user) => user.hosts)
  }

  add(user: EngineUser): void {
    this.#users.add(user)
  }

  remove(user: EngineUser): void {
    if (!this.#users.delete(user) || this.#users.size > 0) return
    this.runner.stop()
    shared[key] = undefined
  }
}

// Kept where every copy of this package in the process finds it.
const key = Symbol.for('lockstep.ProcessEngine')
const shared = globalThis as typeof globalThis & { [key]?: ProcessEngine | undefined }

/** The engine of this process, with one more user. */
export function useEngine(user: EngineUser): ProcessEngine {
  shared[key] ??= new ProcessEngine()
  shared[key].add(user)
  return shared[key]
}

/** Whether a host of this process opens its engine to others, so that the way to the state is a direct call. */
export function isHosting(): boolean {
  return shared[key]?.hosted === true
}
