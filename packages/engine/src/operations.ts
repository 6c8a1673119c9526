import { type AddAllOutcome, type CounterOutcome, differentOperation, type Failure } from '@lockstep/state'
import type { OperationRecord } from './snapshot.ts'
import { type Timed, unscheduled, Wheel } from './wheel.ts'

type Changes = readonly {
  readonly name: string
  readonly delta: number
  readonly min?: number | undefined
  readonly max?: number | undefined
}[]

/** A call that carried an `operationId`: what it asked for, and what it was answered. */
export type IdentifiedCall = { readonly id: string; readonly changes: Changes } & (
  | { readonly call: 'add'; readonly answer: CounterOutcome | Failure }
  | { readonly call: 'addAll'; readonly answer: AddAllOutcome | Failure }
)

interface Recorded extends Timed<Recorded> {
  readonly operation: IdentifiedCall
}

/**
 * The operations of the last day, found by each name of the call and the id. A call that shares no name with a recorded
 * one is another operation, even with the same id.
 */
export class Operations {
  readonly #retention: number
  readonly #byName: Map<string, Map<string, Recorded>> = new Map()
  readonly #wheel: Wheel<Recorded>
  #size = 0

  /** `retention` in milliseconds. */
  constructor(retention: number, now: number) {
    this.#retention = retention
    this.#wheel = new Wheel(now)
  }

  get size(): number {
    return this.#size
  }

  /** The answer on record; a failure if the record is of another call; `undefined` for a new operation. */
  recallAdd(id: string, changes: Changes, now: number): CounterOutcome | Failure | undefined {
    const known = this.#find(id, changes, now)
    if (known === undefined) return undefined
    return known.call === 'add' && sameChanges(known.changes, changes) ? known.answer : differentOperation(id)
  }

  /** Likewise; the names may come in another order than they did, and then so do the values. */
  recallAddAll(id: string, changes: Changes, now: number): AddAllOutcome | Failure | undefined {
    const known = this.#find(id, changes, now)
    if (known === undefined) return undefined
    if (known.call !== 'addAll' || !sameChanges(known.changes, changes)) return differentOperation(id)
    if ('code' in known.answer) return known.answer
    const values = new Map(known.answer.values.map((value, index) => [known.changes[index]?.name, value]))
    return { applied: known.answer.applied, values: changes.map(({ name }) => values.get(name) ?? 0) }
  }

  record(operation: IdentifiedCall, now: number): void {
    this.#add(operation, now + this.#retention)
  }

  tick(now: number): void {
    this.#wheel.advance(now, (recorded) => this.#forget(recorded))
  }

  nextDeadline(): number {
    return this.#wheel.nextDeadline()
  }

  *records(now: number): Iterable<OperationRecord> {
    for (const [name, operations] of this.#byName) {
      for (const { operation, deadline } of operations.values()) {
        // It is found by several names, and written once.
        if (operation.changes[0]?.name === name) yield { kind: 'operation', operation, expiresIn: deadline - now }
      }
    }
  }

  restore(record: OperationRecord, now: number): void {
    this.#add(record.operation, now + record.expiresIn)
  }

  #find(id: string, changes: Changes, now: number): IdentifiedCall | undefined {
    for (const { name } of changes) {
      const recorded = this.#byName.get(name)?.get(id)
      if (recorded !== undefined && recorded.deadline > now) return recorded.operation
    }
    return undefined
  }

  #add(operation: IdentifiedCall, deadline: number): void {
    const recorded = { operation, deadline, slot: unscheduled, previous: undefined, next: undefined }
    for (const { name } of operation.changes) {
      let operations = this.#byName.get(name)
      if (operations === undefined) {
        operations = new Map()
        this.#byName.set(name, operations)
      }
      operations.set(operation.id, recorded)
    }
    this.#wheel.schedule(recorded)
    this.#size++
  }

  #forget(recorded: Recorded): void {
    this.#size--
    const { id, changes } = recorded.operation
    for (const { name } of changes) {
      const operations = this.#byName.get(name)
      // A new operation may have taken the id since the record expired.
      if (operations?.get(id) !== recorded) continue
      operations.delete(id)
      if (operations.size === 0) this.#byName.delete(name)
    }
  }
}

function sameChanges(some: Changes, others: Changes): boolean {
  if (some.length !== others.length) return false
  const byName = new Map(some.map((change) => [change.name, change]))
  return others.every(({ name, delta, min, max }) => {
    const one = byName.get(name)
    return one !== undefined && one.delta === delta && one.min === min && one.max === max
  })
}
