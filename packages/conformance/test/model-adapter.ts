import {
  errorFrom,
  isFailure,
  monotonic,
  type Adapter,
  type Connection,
  type Failure,
  type LockListener,
} from '@lockstep/state'
import { Model, type Time } from '../src/index.ts'

function read(): Time {
  return { now: monotonic(), wall: Date.now() * 1_000 }
}

function orThrow<Answer>(answer: Answer | Failure): Answer {
  if (typeof answer === 'object' && answer !== null && isFailure(answer)) throw errorFrom(answer)
  return answer
}

/** A store made of nothing but the naive model and the clock of this process. */
export class ModelStore {
  readonly #listeners = new Map<string, LockListener>()
  readonly #model: Model = new Model({ onOffer: (client, owner) => this.#listeners.get(client)?.offered(owner) })
  #clients = 0

  /** One client of the store. */
  readonly adapter = (): Adapter => ({ name: 'model', connect: async () => this.connect() })

  connect(): Connection {
    const client = `${(this.#clients += 1)}`
    const { locks, counters, entries } = this.#model
    return {
      capabilities: {
        locks: { fair: 'strict', wake: 'push' },
        counters: { addAll: 'any', safeRetry: 'withOperationId', fence: true },
        entries: { safeRetry: 'withOperationId', fence: true },
        queues: false,
        transactions: false,
      },
      locks: {
        acquire: async (request) => locks.acquire(client, request, read()),
        cancel: async (request) => locks.cancel(client, request, read()),
        extend: async (requests) => requests.map((request) => locks.extend(client, request, read())),
        release: async (request) => locks.release(client, request, read()),
        inspect: async (name) => locks.inspect(name, read()),
        listen: (listener) => this.#listeners.set(client, listener),
      },
      counters: {
        apply: async ({ name, changes }) => {
          const time = read()
          return changes.map((change) => counters.change(name, change, time))
        },
        applyAll: async (request) => orThrow(counters.changeAll(request, read())),
        read: async (name, fence) => orThrow(counters.read(name, fence, read())),
      },
      entries: {
        apply: async ({ name, changes }) => {
          const time = read()
          return changes.map((change) => entries.change(name, change, time))
        },
        read: async (name, fence) => orThrow(entries.read(name, fence, read())),
      },
      health: async () => ({ durability: 'Everything is lost when this process ends.', warnings: [] }),
      close: async () => {
        this.#listeners.delete(client)
        locks.dropClient(client, false, read())
      },
    }
  }
}
