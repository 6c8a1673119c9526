import type { AddAllOutcome, AddAllRequest, CounterChange, CounterOutcome, Failure, Fence } from '@lockstep/state'
import type { Fences } from './fences.ts'
import type { Operations } from './operations.ts'
import { endAfter, left, type Time } from './time.ts'

type Add = Extract<CounterChange, { kind: 'add' }>
type Delta = Pick<Add, 'delta' | 'min' | 'max'>

interface Counter {
  readonly name: string
  value: number
  endsAt: number
}

/** Counters, contract 1 to 6. */
export class CounterModel {
  readonly #fences: Fences
  readonly #operations: Operations
  #counters: Counter[] = []

  constructor(fences: Fences, operations: Operations) {
    this.#fences = fences
    this.#operations = operations
  }

  change(name: string, change: CounterChange, time: Time): CounterOutcome | Failure {
    if (change.kind !== 'add') return this.#fences.judge([mark(name)], change.fence) ?? this.#change(name, change, time)
    const asked = { kind: 'add', changes: [{ name, delta: change.delta, min: change.min, max: change.max }] } as const
    return this.#operations.once(change.operationId, asked, time, () => {
      return this.#fences.judge([mark(name)], change.fence) ?? this.#add(name, change, time)
    })
  }

  changeAll({ changes, operationId, fence }: AddAllRequest, time: Time): AddAllOutcome | Failure {
    // A repeat may name them in another order: the record has one order, the answer that of its request.
    const sorted = changes.toSorted((one, other) => (one.name < other.name ? -1 : 1))
    const names = sorted.map(({ name }) => name)
    const answer = this.#operations.once(operationId, { kind: 'addAll', changes: sorted }, time, () => {
      return this.#fences.judge(names.map(mark), fence) ?? this.#addAll(sorted, names, time)
    })
    if ('code' in answer) return answer
    return { applied: answer.applied, values: changes.map(({ name }) => answer.values[names.indexOf(name)] ?? 0) }
  }

  read(name: string, fence: Fence | undefined, time: Time): number | Failure {
    return this.#fences.judge([mark(name)], fence) ?? this.#value(name, time)
  }

  #add(name: string, change: Add, time: Time): CounterOutcome | Failure {
    const verdict = judge(this.#value(name, time), change)
    if (typeof verdict === 'object') return verdict
    if (verdict === 'applied') this.#write(name, this.#value(name, time) + change.delta, change.ttl, time)
    return this.#outcome(name, verdict === 'applied', time)
  }

  #addAll(changes: AddAllRequest['changes'], names: readonly string[], time: Time): AddAllOutcome | Failure {
    const verdicts = changes.map((change) => judge(this.#value(change.name, time), change))
    const failure = verdicts.find((verdict) => typeof verdict === 'object')
    if (failure !== undefined) return failure
    const applied = verdicts.every((verdict) => verdict === 'applied')
    if (applied) {
      for (const { name, delta } of changes) this.#write(name, this.#value(name, time) + delta, undefined, time)
    }
    return { applied, values: names.map((name) => this.#value(name, time)) }
  }

  #change(name: string, change: Exclude<CounterChange, Add>, time: Time): CounterOutcome {
    const existed = this.#find(name, time) !== undefined
    switch (change.kind) {
      case 'set':
        this.#remove(name)
        this.#write(name, change.value, change.ttl, time)
        return this.#outcome(name, true, time)
      case 'compareAndSet': {
        const applied = this.#value(name, time) === change.expected
        if (applied) this.#write(name, change.value, undefined, time)
        return this.#outcome(name, applied, time)
      }
      case 'delete':
        this.#remove(name)
        return this.#outcome(name, existed, time)
    }
  }

  /** A counter that is there keeps its end. */
  #write(name: string, value: number, ttl: number | undefined, time: Time): void {
    const counter = this.#find(name, time)
    if (counter === undefined) this.#counters.push({ name, value, endsAt: endAfter(ttl, time) })
    else counter.value = value
  }

  #remove(name: string): void {
    this.#counters = this.#counters.filter((counter) => counter.name !== name)
  }

  #outcome(name: string, applied: boolean, time: Time): CounterOutcome {
    return {
      applied,
      value: this.#value(name, time),
      expiresIn: left(this.#find(name, time)?.endsAt ?? Infinity, time),
    }
  }

  #value(name: string, time: Time): number {
    return this.#find(name, time)?.value ?? 0
  }

  #find(name: string, { now }: Time): Counter | undefined {
    this.#counters = this.#counters.filter(({ endsAt }) => endsAt > now)
    return this.#counters.find((counter) => counter.name === name)
  }
}

function judge(value: number, { delta, min = -Infinity, max = Infinity }: Delta): 'applied' | 'refused' | Failure {
  const sum = value + delta
  if (!Number.isSafeInteger(sum)) return { code: 'LOCKSTEP_OUT_OF_RANGE', message: `${value} + ${delta} is not exact` }
  return sum >= min && sum <= max ? 'applied' : 'refused'
}

function mark(name: string): string {
  return `counter ${name}`
}
