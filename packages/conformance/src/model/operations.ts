import type { AddAllOutcome, CounterOutcome, Failure } from '@lockstep/state'
import type { Time } from './time.ts'

/** What an operation id was given for: the kind of call and the changes that must be the same when it is repeated. */
export interface Asked {
  readonly kind: 'add' | 'addAll'
  readonly changes: readonly {
    readonly name: string
    readonly delta: number
    readonly min?: number | undefined
    readonly max?: number | undefined
  }[]
}

type Answer = CounterOutcome | AddAllOutcome | Failure

interface Operation {
  readonly id: string
  readonly asked: Asked
  readonly answer: Answer
  readonly endsAt: number
}

/** Operation ids with their answers. Two calls with the same id are the same operation if they share a name. */
export class Operations {
  readonly #retention: number
  #records: Operation[] = []

  constructor(retention: number) {
    this.#retention = retention
  }

  /** The answer on record, or `judge` and record. */
  once<A extends Answer>(id: string | undefined, asked: Asked, time: Time, judge: () => A): A | Failure {
    if (id === undefined) return judge()
    this.#records = this.#records.filter((record) => record.endsAt > time.now)
    const record = this.#records.find((known) => known.id === id && shareName(known.asked, asked))
    if (record !== undefined) {
      if (isSame(record.asked, asked)) return record.answer as A
      return { code: 'LOCKSTEP_INVALID_ARGUMENT', message: `operationId ${id} was used for another change` }
    }
    const answer = judge()
    if ('code' in answer && answer.code === 'LOCKSTEP_STALE_TOKEN') return answer
    this.#records.push({ id, asked, answer, endsAt: time.now + this.#retention })
    return answer
  }
}

function shareName(one: Asked, other: Asked): boolean {
  return one.changes.some(({ name }) => other.changes.some((change) => change.name === name))
}

function isSame(one: Asked, other: Asked): boolean {
  return plain(one) === plain(other)
}

function plain({ kind, changes }: Asked): string {
  return JSON.stringify([kind, ...changes.map(({ name, delta, min, max }) => [name, delta, min ?? null, max ?? null])])
}
