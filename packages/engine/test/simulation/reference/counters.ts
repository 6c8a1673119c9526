import type { AddAllOutcome, CounterChange, CounterOutcome, Failure, Fence } from '@lockstep/state'
import type { Command } from '../../../src/index.ts'
import { operationRetention } from '../change.ts'
import type { Coverage } from '../coverage.ts'
import { pass } from './fences.ts'
import { type Asked, failure, left, type Memory } from './memory.ts'

/** Counters and operations as the contract has them. */
export class ReferenceCounters {
  readonly #memory: Memory
  readonly #coverage: Coverage
  readonly #applied: (change: object) => void

  /** `applied` is told every change that is. */
  constructor(memory: Memory, coverage: Coverage, applied: (change: object) => void) {
    this.#memory = memory
    this.#coverage = coverage
    this.#applied = applied
  }

  read(name: string, fence: Fence | undefined, now: number): number | Failure {
    return this.#pass([`counter ${name}`], fence) ?? this.#value(name, now)
  }

  change(name: string, change: CounterChange, now: number): CounterOutcome | Failure {
    const id = change.kind === 'add' ? change.operationId : undefined
    const asked = change.kind === 'add' ? [{ name, delta: change.delta, min: change.min, max: change.max }] : []
    if (id !== undefined) {
      const known = this.#recall(id, false, asked, now)
      if (known !== undefined) return known as CounterOutcome
    }
    const refusal = this.#pass([`counter ${name}`], change.fence)
    if (refusal !== undefined) return refusal
    const answer = this.#change(name, change, now)
    if (id !== undefined) {
      this.#memory.operations.push({ id, all: false, asked, answer, end: now + operationRetention })
    }
    return answer
  }

  addAll({ changes, operationId, fence, ...tagged }: Command<'addAll'>, now: number): AddAllOutcome | Failure {
    const known = operationId === undefined ? undefined : this.#recall(operationId, true, changes, now)
    if (known !== undefined) return known as AddAllOutcome
    const refusal = this.#pass(
      changes.map(({ name }) => `counter ${name}`),
      fence,
    )
    if (refusal !== undefined) return refusal
    const verdicts = changes.map((change) => judge(this.#value(change.name, now), change))
    let answer: AddAllOutcome | Failure
    if (verdicts.includes('range')) {
      answer = this.#outOfRange()
    } else {
      const applied = verdicts.every((verdict) => verdict === true)
      if (applied) {
        this.#applied(tagged)
        for (const { name, delta } of changes) this.#write(name, this.#value(name, now) + delta, undefined, now)
      }
      answer = { applied, values: changes.map(({ name }) => this.#value(name, now)) }
    }
    if (operationId !== undefined) {
      const end = now + operationRetention
      this.#memory.operations.push({ id: operationId, all: true, asked: changes, answer, end })
    }
    return answer
  }

  #recall(id: string, all: boolean, asked: Asked, now: number): CounterOutcome | AddAllOutcome | Failure | undefined {
    const names = asked.map(({ name }) => name)
    const record = this.#memory.operations.find(
      (each) => each.id === id && each.end > now && each.asked.some(({ name }) => names.includes(name)),
    )
    if (record === undefined) return undefined
    if (record.all === all && plain(record.asked) === plain(asked)) {
      this.#coverage.count('operations repeated')
      const { answer } = record
      if (!('values' in answer)) return answer
      // In the order of the names as they are asked for now.
      const order = record.asked.map(({ name }) => name)
      return { ...answer, values: names.map((name) => answer.values[order.indexOf(name)] ?? 0) }
    }
    this.#coverage.count('operation ids used for another change')
    return failure.invalid
  }

  #change(name: string, change: CounterChange, now: number): CounterOutcome | Failure {
    const counter = this.#counter(name, now)
    const value = counter?.value ?? 0
    switch (change.kind) {
      case 'add': {
        const verdict = judge(value, change)
        if (verdict !== true) return verdict === false ? outcome(false, counter, now) : this.#outOfRange()
        this.#applied(change)
        return outcome(true, this.#write(name, value + change.delta, change.ttl, now), now)
      }
      case 'set':
        this.#applied(change)
        this.#remove(name)
        return outcome(true, this.#write(name, change.value, change.ttl, now), now)
      case 'compareAndSet':
        if (value !== change.expected) return outcome(false, counter, now)
        this.#applied(change)
        return outcome(true, this.#write(name, change.value, undefined, now), now)
      case 'delete':
        if (counter !== undefined) this.#applied(change)
        this.#remove(name)
        return outcome(counter !== undefined, undefined, now)
    }
  }

  #outOfRange(): Failure {
    this.#coverage.count('changes out of range')
    return failure.range
  }

  /** A counter that is there keeps its end. */
  #write(name: string, value: number, ttl: number | undefined, now: number): { value: number; end: number } {
    const counter = this.#counter(name, now)
    if (counter !== undefined) {
      counter.value = value
      return counter
    }
    const created = { name, value, end: now + (ttl ?? Infinity) }
    this.#memory.counters.push(created)
    return created
  }

  #remove(name: string): void {
    this.#memory.counters = this.#memory.counters.filter((counter) => counter.name !== name)
  }

  #value(name: string, now: number): number {
    return this.#counter(name, now)?.value ?? 0
  }

  #counter(name: string, now: number): { value: number; end: number } | undefined {
    const counter = this.#memory.counters.find((each) => each.name === name)
    if (counter === undefined || counter.end > now) return counter
    this.#coverage.count('counters expired')
    this.#remove(name)
    return undefined
  }

  #pass(resources: readonly string[], fence: Fence | undefined): Failure | undefined {
    return pass(this.#memory, this.#coverage, resources, fence)
  }
}

function judge(
  value: number,
  { delta, min, max }: Asked[number] | { delta: number; min?: number | undefined; max?: number | undefined },
): boolean | 'range' {
  const sum = value + delta
  if (!Number.isSafeInteger(sum)) return 'range'
  return (min === undefined || sum >= min) && (max === undefined || sum <= max)
}

function outcome(applied: boolean, counter: { value: number; end: number } | undefined, now: number): CounterOutcome {
  return { applied, value: counter?.value ?? 0, expiresIn: left(counter?.end ?? Infinity, now) }
}

function plain(asked: Asked): string {
  return JSON.stringify(
    asked
      .map(({ name, delta, min, max }) => [name, delta, min, max])
      .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1)),
  )
}
