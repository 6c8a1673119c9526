import { type CounterChange, type CounterOutcome, type Failure, outOfRange } from '@lockstep/state'
import type { CounterRow } from './counter-rows.ts'
import type { Marks } from './fences.ts'
import type { Operations } from './operations.ts'
import { wellBefore } from './sql.ts'

export type Addition = Extract<CounterChange, { kind: 'add' }>

/** Evaluates changes of one counter, one after another, on its row and its marks, at one time (microseconds since 1970). Nothing is written. */
export class CounterChanges {
  readonly row: CounterRow
  readonly #marks: Marks | undefined
  readonly #operations: Operations | undefined
  readonly #now: number

  /** Without marks no change has a fence, without operations none has an id. */
  constructor(row: CounterRow, now: number, marks?: Marks, operations?: Operations) {
    this.row = row
    this.#now = now
    this.#marks = marks
    this.#operations = operations
  }

  /** In this order: operation record, fence, range and bounds. */
  make(change: CounterChange): CounterOutcome | Failure {
    if (change.kind !== 'add' || change.operationId === undefined) {
      return this.#marks?.pass(change.fence) ?? this.#change(change)
    }
    const { operationId: id, delta, min, max, fence } = change
    const asked = [{ name: this.row.name, delta, min, max }]
    const known = this.#operations?.recall('add', asked, id) as CounterOutcome | Failure | undefined
    const settled = known ?? this.#marks?.pass(fence)
    if (settled !== undefined) return settled
    const answer = this.#add(change)
    this.#operations?.record('add', asked, id, answer)
    return answer
  }

  /** 0 when it is absent or over. */
  get value(): number {
    return this.#live ? this.row.value : 0
  }

  get #live(): boolean {
    return this.row.expires > this.#now
  }

  #change(change: CounterChange): CounterOutcome | Failure {
    switch (change.kind) {
      case 'add':
        return this.#add(change)
      case 'set':
        this.#set(change.value, this.#deadline(change.ttl))
        return this.#outcome(true)
      case 'compareAndSet': {
        const applied = change.expected === this.value
        if (applied) this.#set(change.value, this.#live ? this.row.expires : Infinity)
        return this.#outcome(applied)
      }
      case 'delete': {
        const there = this.#live
        if (there) this.#set(0, this.#now - wellBefore)
        return this.#outcome(there)
      }
    }
  }

  #add(change: Addition): CounterOutcome | Failure {
    const sum = this.value + change.delta
    if (!Number.isSafeInteger(sum)) return outOfRange(this.row.name, this.value, change.delta)
    if (!isWithinBounds(sum, change)) return this.#outcome(false)
    this.#set(sum, this.#live ? this.row.expires : this.#deadline(change.ttl))
    return this.#outcome(true)
  }

  #set(value: number, expires: number): void {
    this.row.value = value
    this.row.expires = expires
    this.row.changed = true
  }

  #deadline(ttl: number | undefined): number {
    return ttl === undefined ? Infinity : this.#now + Math.round(ttl * 1_000)
  }

  #outcome(applied: boolean): CounterOutcome {
    if (!this.#live) return { applied, value: 0, expiresIn: null }
    const { value, expires } = this.row
    return { applied, value, expiresIn: expires === Infinity ? null : Math.ceil((expires - this.#now) / 1_000) }
  }
}

export function isWithinBounds(
  sum: number,
  { min = -Infinity, max = Infinity }: Pick<Addition, 'min' | 'max'>,
): boolean {
  return min <= sum && sum <= max
}
