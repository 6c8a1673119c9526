import { CounterModel } from './counters.ts'
import { EntryModel } from './entries.ts'
import { Fences } from './fences.ts'
import { LockModel } from './locks.ts'
import { Operations } from './operations.ts'
import type { Step } from './steps.ts'
import type { Time } from './time.ts'
import { Tokens } from './tokens.ts'

export interface ModelOptions {
  /** Fences with a lower token are refused, and no lower token is given out. Default 0. */
  readonly fenceFloor?: number
  /** Milliseconds for which an operation id is known. Default a day. */
  readonly operationRetention?: number
  /** Called when a lock is offered to a waiter. */
  readonly onOffer?: (client: string, owner: string) => void
}

/**
 * What the contract says, in arrays and loops: everything is searched from the front, nothing is indexed, time is a
 * parameter. It is slow, and meant to be read and believed; adapters and the engine are held against it.
 */
export class Model {
  readonly locks: LockModel
  readonly counters: CounterModel
  readonly entries: EntryModel
  readonly #tokens: Tokens

  constructor(options: ModelOptions = {}) {
    const { fenceFloor = 0, operationRetention = 86_400_000, onOffer = () => {} } = options
    this.#tokens = new Tokens(fenceFloor)
    const fences = new Fences(fenceFloor)
    this.locks = new LockModel(this.#tokens, onOffer)
    this.counters = new CounterModel(fences, new Operations(operationRetention))
    this.entries = new EntryModel(this.#tokens, fences)
  }

  /** The store is stopped and started, and has lost nothing. */
  restart(time: Time): void {
    this.#tokens.restart(time)
  }

  /** One step of one client. Answers as the adapter contract has it, a refusal as a `Failure`. */
  execute(client: string, step: Step, time: Time): unknown {
    switch (step.op) {
      case 'acquire':
        return this.locks.acquire(client, step, time)
      case 'cancel':
        return this.locks.cancel(client, step, time)
      case 'extend':
        return step.leases.map((lease) => this.locks.extend(client, lease, time))
      case 'release':
        return this.locks.release(client, step, time)
      case 'inspect':
        return this.locks.inspect(step.name, time)
      case 'changeCounter':
        return step.changes.map((change) => this.counters.change(step.name, change, time))
      case 'addAll':
        return this.counters.changeAll(step, time)
      case 'readCounter':
        return this.counters.read(step.name, step.fence, time)
      case 'changeEntry':
        return step.changes.map((change) => this.entries.change(step.name, change, time))
      case 'dropClient':
        return this.locks.dropClient(client, step.keepLeases, time)
      case 'readEntry':
        return this.entries.read(step.name, step.fence, time)
    }
  }
}
