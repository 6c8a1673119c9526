import type { CounterChange, CounterOutcome, EntryChange, EntryOutcome, Failure, LockOwner } from '@lockstep/state'
import type { Model } from '../model/model.ts'
import type { Time } from '../model/time.ts'
import type { Caller, StateCall } from './state-call.ts'

/**
 * Time stands still: the lifetimes of these calls are longer than any test. Versions are above those that a plan makes
 * up.
 */
const time: Time = { now: 0, wall: 1_000_000 }

/** A client of the model, which answers as a client of a state has to. Time stands still: nothing expires. */
export function modelCaller(model: Model, client: string): Caller {
  const modelClient = new ModelClient(model, client)
  return (call) => Promise.resolve(plain(modelClient.make(call)))
}

class ModelClient {
  readonly #model: Model
  readonly #client: string
  readonly #leases = new Map<string, LockOwner>()
  #owners = 0

  constructor(model: Model, client: string) {
    this.#model = model
    this.#client = client
  }

  make(call: StateCall): unknown {
    switch (call.do) {
      case 'counters.add':
        return this.#counter(call.name, { ...call, kind: 'add' })
      case 'counters.take':
        return succeed(
          this.#counter(call.name, { ...call, kind: 'add', delta: -call.n, min: 0 }),
          ({ applied, value }) => (applied ? value : null),
        )
      case 'counters.addAll':
        return this.#model.counters.changeAll({ ...call, sequence: 0, changes: call.additions }, time)
      case 'counters.get':
        return this.#model.counters.read(call.name, call.fence, time)
      case 'counters.set':
        return succeed(this.#counter(call.name, { ...call, kind: 'set' }), () => undefined)
      case 'counters.compareAndSet':
        return succeed(this.#counter(call.name, { ...call, kind: 'compareAndSet' }), ({ applied }) => applied)
      case 'counters.delete':
        return succeed(this.#counter(call.name, { ...call, kind: 'delete' }), ({ applied }) => applied)
      case 'entries.get':
        return this.#model.entries.read(call.name, call.fence, time)
      case 'entries.set':
        return this.#entry(call.name, { ...call, kind: 'set' })
      case 'entries.touch':
        return succeed(this.#entry(call.name, { ...call, kind: 'touch' }), ({ applied }) => applied)
      case 'entries.delete':
        return succeed(this.#entry(call.name, { ...call, kind: 'delete' }), ({ applied }) => applied)
      case 'locks.tryAcquire': {
        const owner = { name: call.name, owner: `${(this.#owners += 1)}` }
        const answer = this.#model.locks.acquire(this.#client, { ...owner, ttl: call.ttl, wait: 0 }, time)
        if (answer.granted) this.#leases.set(call.lease, owner)
        return answer.granted ? { token: answer.token } : null
      }
      case 'locks.release': {
        const owner = this.#leases.get(call.lease)
        this.#leases.delete(call.lease)
        return owner !== undefined && this.#model.locks.release(this.#client, owner, time)
      }
      case 'locks.inspect':
        return this.#model.locks.inspect(call.name, time)
    }
  }

  #counter(name: string, change: CounterChange): CounterOutcome | Failure {
    return this.#model.counters.change(name, change, time)
  }

  #entry(name: string, change: EntryChange): EntryOutcome | Failure {
    return this.#model.entries.change(name, change, time)
  }
}

/** What the caller is told of an outcome; a failure stays one. */
function succeed<Outcome extends object>(outcome: Outcome | Failure, told: (outcome: Outcome) => unknown): unknown {
  return 'code' in outcome ? outcome : told(outcome)
}

function plain(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'code' in answer ? { failed: answer.code } : answer
}
