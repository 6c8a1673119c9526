import {
  type AddAllOutcome,
  type AddAllRequest,
  type ChangeList,
  type CounterChange,
  type CounterOutcome,
  type Failure,
  type Fence,
  outOfRange,
} from '@lockstep/state'
import { Fences } from './fences.ts'
import { deadlineAfter, timeLeft } from './lifetime.ts'
import { Operations } from './operations.ts'
import type { CounterRecord } from './snapshot.ts'
import { type Timed, unscheduled, Wheel } from './wheel.ts'

type Addition = Pick<Extract<CounterChange, { kind: 'add' }>, 'delta' | 'min' | 'max' | 'ttl'>

interface Counter extends Timed<Counter> {
  readonly name: string
  value: number
}

/** Counters, with their bounds, lifetimes, fences and operation records. */
export class Counters {
  readonly fences: Fences
  readonly operations: Operations
  readonly #counters: Map<string, Counter> = new Map()
  readonly #wheel: Wheel<Counter>

  constructor(fenceFloor: number, operationRetention: number, now: number) {
    this.fences = new Fences(fenceFloor, now, (name) => this.#counters.has(name))
    this.operations = new Operations(operationRetention, now)
    this.#wheel = new Wheel(now)
  }

  get size(): number {
    return this.#counters.size
  }

  apply({ name, changes }: ChangeList<CounterChange>, now: number): (CounterOutcome | Failure)[] {
    return changes.map((change) => this.#judge(name, change, now))
  }

  /** Every name is judged before any is changed. */
  applyAll({ changes, operationId, fence }: AddAllRequest, now: number): AddAllOutcome | Failure {
    const known = operationId === undefined ? undefined : this.operations.recallAddAll(operationId, changes, now)
    if (known !== undefined) return known
    const names = changes.map(({ name }) => name)
    const refusal = fence === undefined ? undefined : this.fences.passAll(names, fence, now)
    if (refusal !== undefined) return refusal
    const answer = this.#addAll(changes, now)
    if (operationId !== undefined) {
      // A copy: the caller's own objects may be put to another use.
      const asked = changes.map(({ name, delta, min, max }) => ({ name, delta, min, max }))
      this.operations.record({ call: 'addAll', id: operationId, changes: asked, answer }, now)
    }
    return answer
  }

  /** Without a fence it changes nothing. */
  read(name: string, fence: Fence | undefined, now: number): number | Failure {
    return this.fences.pass(name, fence, now) ?? this.#value(name, now)
  }

  tick(now: number): void {
    this.#wheel.advance(now, (counter) => this.#remove(counter, now))
    this.fences.tick(now)
    this.operations.tick(now)
  }

  nextDeadline(): number {
    return Math.min(this.#wheel.nextDeadline(), this.fences.nextDeadline(), this.operations.nextDeadline())
  }

  *records(now: number): Iterable<CounterRecord> {
    for (const { name, value, deadline } of this.#counters.values()) {
      yield { kind: 'counter', name, value, expiresIn: timeLeft(deadline, now) }
    }
  }

  restore({ name, value, expiresIn }: CounterRecord, now: number): void {
    this.#create(name, value, deadlineAfter(expiresIn, now))
  }

  /** In this order: operation record, fence, range and bounds. */
  #judge(name: string, change: CounterChange, now: number): CounterOutcome | Failure {
    if (change.kind !== 'add' || change.operationId === undefined) {
      return this.fences.pass(name, change.fence, now) ?? this.#change(name, change, now)
    }
    const { operationId: id, delta, min, max, fence } = change
    const changes = [{ name, delta, min, max }]
    const settled = this.operations.recallAdd(id, changes, now) ?? this.fences.pass(name, fence, now)
    if (settled !== undefined) return settled
    const answer = this.#add(name, change, now)
    this.operations.record({ call: 'add', id, changes, answer }, now)
    return answer
  }

  #change(name: string, change: CounterChange, now: number): CounterOutcome | Failure {
    if (change.kind === 'add') return this.#add(name, change, now)
    if (change.kind === 'set') return this.#set(name, change.value, deadlineAfter(change.ttl, now), now)
    const counter = this.#live(name, now)
    if (change.kind === 'delete') {
      if (counter !== undefined) this.#remove(counter, now)
      return outcome(counter !== undefined, undefined, now)
    }
    if (change.expected !== (counter?.value ?? 0)) return outcome(false, counter, now)
    return this.#set(name, change.value, counter?.deadline ?? Infinity, now)
  }

  #add(name: string, change: Addition, now: number): CounterOutcome | Failure {
    const counter = this.#live(name, now)
    const value = counter?.value ?? 0
    const sum = value + change.delta
    if (!Number.isSafeInteger(sum)) return outOfRange(name, value, change.delta)
    if (!isWithinBounds(sum, change)) return outcome(false, counter, now)
    if (counter === undefined) return outcome(true, this.#create(name, sum, deadlineAfter(change.ttl, now)), now)
    counter.value = sum
    return outcome(true, counter, now)
  }

  #addAll(changes: AddAllRequest['changes'], now: number): AddAllOutcome | Failure {
    const values: number[] = []
    let fits = true
    for (const change of changes) {
      const value = this.#value(change.name, now)
      const sum = value + change.delta
      if (!Number.isSafeInteger(sum)) return outOfRange(change.name, value, change.delta)
      fits &&= isWithinBounds(sum, change)
      values.push(value)
    }
    if (!fits) return { applied: false, values }
    for (const change of changes) this.#add(change.name, change, now)
    return { applied: true, values: changes.map(({ name }) => this.#value(name, now)) }
  }

  #set(name: string, value: number, deadline: number, now: number): CounterOutcome {
    const counter = this.#live(name, now)
    // Adding 0 turns -0, which JSON does not know, into 0.
    if (counter === undefined) return outcome(true, this.#create(name, value + 0, deadline), now)
    counter.value = value + 0
    counter.deadline = deadline
    this.#wheel.schedule(counter)
    return outcome(true, counter, now)
  }

  /** Changes nothing, unlike `#live`: a plain read has no place in a log. */
  #value(name: string, now: number): number {
    const counter = this.#counters.get(name)
    return counter !== undefined && counter.deadline > now ? counter.value : 0
  }

  #live(name: string, now: number): Counter | undefined {
    const counter = this.#counters.get(name)
    if (counter === undefined || counter.deadline > now) return counter
    this.#remove(counter, now)
    return undefined
  }

  #create(name: string, value: number, deadline: number): Counter {
    const counter = { name, value, deadline, slot: unscheduled, previous: undefined, next: undefined }
    this.#counters.set(name, counter)
    this.#wheel.schedule(counter)
    return counter
  }

  #remove(counter: Counter, now: number): void {
    this.#counters.delete(counter.name)
    this.#wheel.cancel(counter)
    this.fences.outlive(counter.name, now)
  }
}

function isWithinBounds(sum: number, { min = -Infinity, max = Infinity }: Addition): boolean {
  return min <= sum && sum <= max
}

function outcome(applied: boolean, counter: Counter | undefined, now: number): CounterOutcome {
  if (counter === undefined) return { applied, value: 0, expiresIn: null }
  return { applied, value: counter.value, expiresIn: timeLeft(counter.deadline, now) }
}
