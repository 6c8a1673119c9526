import { type Failure, type Fence, staleToken } from '@lockstep/state'
import { tokenBelowFloor } from './failures.ts'
import { type Timed, unscheduled, Wheel } from './wheel.ts'

/** Milliseconds that marks outlive the last fenced access and the resource itself. */
const keptFor = 86_400_000

/** The highest token that one resource has seen of each lock. */
export interface FenceMarks {
  readonly name: string
  /** Pairs of lock name and token. */
  readonly tokens: readonly (readonly [string, number])[]
  /** Milliseconds. */
  readonly expiresIn: number
}

interface Marks extends Timed<Marks> {
  readonly name: string
  /** By lock name. */
  readonly tokens: Map<string, number>
}

/**
 * The highest fencing token that each counter, or each entry, has seen of each lock. Marks are kept while their
 * resource exists and for a day after, which is longer than a holder whose lease was lost goes on unnoticed.
 */
export class Fences {
  readonly #floor: number
  readonly #exists: (name: string) => boolean
  readonly #marks: Map<string, Marks> = new Map()
  readonly #wheel: Wheel<Marks>

  /** Tokens below `floor` are refused: they may be older than marks that nobody remembers. */
  constructor(floor: number, now: number, exists: (name: string) => boolean) {
    this.#floor = floor
    this.#exists = exists
    this.#wheel = new Wheel(now)
  }

  get size(): number {
    return this.#marks.size
  }

  /** Refuse the access, or let it through and raise the mark. */
  pass(name: string, fence: Fence | undefined, now: number): Failure | undefined {
    return fence === undefined ? undefined : this.passAll([name], fence, now)
  }

  /** Likewise for an access to several resources: none is marked unless all let it through. */
  passAll(names: readonly string[], fence: Fence, now: number): Failure | undefined {
    for (const name of names) {
      const refusal = this.#judge(name, fence)
      if (refusal !== undefined) return refusal
    }
    for (const name of names) this.#raise(name, fence, now)
    return undefined
  }

  /** The resource is gone from now on. */
  outlive(name: string, now: number): void {
    const marks = this.#marks.get(name)
    if (marks !== undefined) marks.deadline = now + keptFor
  }

  tick(now: number): void {
    this.#wheel.advance(now, (marks) => {
      if (!this.#exists(marks.name)) {
        this.#marks.delete(marks.name)
        return
      }
      marks.deadline = now + keptFor
      this.#wheel.schedule(marks)
    })
  }

  nextDeadline(): number {
    return this.#wheel.nextDeadline()
  }

  *records(now: number): Iterable<FenceMarks> {
    for (const { name, tokens, deadline } of this.#marks.values()) {
      yield { name, tokens: [...tokens], expiresIn: deadline - now }
    }
  }

  restore(record: FenceMarks, now: number): void {
    const marks = this.#add(record.name, now + record.expiresIn)
    for (const [lock, token] of record.tokens) marks.tokens.set(lock, token)
  }

  #judge(name: string, fence: Fence): Failure | undefined {
    if (fence.token < this.#floor) return tokenBelowFloor(name, fence, this.#floor)
    const mark = this.#marks.get(name)?.tokens.get(fence.name) ?? 0
    return fence.token < mark ? staleToken(name, fence, mark) : undefined
  }

  #raise(name: string, fence: Fence, now: number): void {
    let marks = this.#marks.get(name)
    if (marks === undefined) marks = this.#add(name, now + keptFor)
    else marks.deadline = now + keptFor
    marks.tokens.set(fence.name, fence.token)
  }

  #add(name: string, deadline: number): Marks {
    const marks = { name, tokens: new Map(), deadline, slot: unscheduled, previous: undefined, next: undefined }
    this.#marks.set(name, marks)
    this.#wheel.schedule(marks)
    return marks
  }
}
