import type { Failure } from '@lockstep/state'
import { staleSequence } from './failures.ts'

/** Milliseconds that a record lives: a minute longer than the longest `timeout` of a call (60 s), and a second. */
const keptFor = 121_000

/** The last list of changes of one client to one name, as a snapshot has it. */
export interface Sequence<Answer> {
  readonly client: string
  readonly name: string
  readonly sequence: number
  readonly answer: Answer
  /** Milliseconds. */
  readonly expiresIn: number
}

interface Answered<Answer> {
  sequence: number
  answer: Answer
  deadline: number
}

/** By client, then by name. */
type Generation<Answer> = Map<string, Map<string, Answered<Answer>>>

/**
 * The last sequence number that each client used for each name, with its answer: a request that is sent again is
 * answered, not repeated. A client that was dropped keeps its records to their end. To let them go without a timer for
 * each they live in two generations, of which the older is emptied when the younger is as old as a record may get.
 */
export class Sequences<Answer> {
  #current: Generation<Answer> = new Map()
  #previous: Generation<Answer> = new Map()
  #turned: number

  constructor(now: number) {
    this.#turned = now
  }

  get size(): number {
    let size = 0
    for (const generation of [this.#previous, this.#current]) {
      for (const names of generation.values()) size += names.size
    }
    return size
  }

  /**
   * Do the work and record its answer under all its names; for a repeat give the answer on record, for a number older
   * than that a failure. Number 0 leaves no record: its sender never repeats.
   */
  once<Given extends Answer>(
    client: string,
    names: readonly string[],
    sequence: number,
    now: number,
    work: () => Given,
  ): Given | Failure {
    if (sequence === 0) return work()
    this.tick(now)
    const current = this.#currentOf(client)
    for (const name of names) {
      const last = current.get(name) ?? this.#previous.get(client)?.get(name)
      if (last === undefined || last.sequence < sequence || last.deadline <= now) continue
      if (last.sequence > sequence) return staleSequence(name, sequence, last.sequence)
      // A number stands for one request, so its answer has the shape that this request asks for.
      return last.answer as Given
    }
    const answer = work()
    for (const name of names) record(current, name, sequence, answer, now + keptFor)
    return answer
  }

  tick(now: number): void {
    if (now - this.#turned < keptFor) return
    this.#previous = this.#current
    this.#current = new Map()
    this.#turned = now
  }

  /** The older generation first: where both know a name, the later record stands. */
  *records(now: number): Iterable<Sequence<Answer>> {
    for (const generation of [this.#previous, this.#current]) {
      for (const [client, names] of generation) {
        for (const [name, { sequence, answer, deadline }] of names) {
          yield { client, name, sequence, answer, expiresIn: deadline - now }
        }
      }
    }
  }

  restore({ client, name, sequence, answer, expiresIn }: Sequence<Answer>, now: number): void {
    record(this.#currentOf(client), name, sequence, answer, now + expiresIn)
  }

  #currentOf(client: string): Map<string, Answered<Answer>> {
    let names = this.#current.get(client)
    if (names === undefined) this.#current.set(client, (names = new Map()))
    return names
  }
}

// A record is written over where it stands: this is the path of every change.
function record<Answer>(
  names: Map<string, Answered<Answer>>,
  name: string,
  sequence: number,
  answer: Answer,
  deadline: number,
): void {
  const last = names.get(name)
  if (last === undefined) {
    names.set(name, { sequence, answer, deadline })
  } else {
    last.sequence = sequence
    last.answer = answer
    last.deadline = deadline
  }
}
