import type { Failure } from '@lockstep/state'
import type { Command } from '../../src/index.ts'

/** Who asked. Told once. */
export interface Asker {
  answered(answer: unknown, call: Call): void
  refused(code: Failure['code'], call: Call): void
}

/** One request of a process on its way to the host, as `Call` of the link. */
export class Call {
  readonly request: Command | 'BYE'
  readonly deadline: number
  readonly #asker: Asker
  readonly #changes: boolean
  sends = 0
  settled = false

  constructor(request: Command | 'BYE', deadline: number, asker: Asker) {
    this.request = request
    this.deadline = deadline
    this.#asker = asker
    this.#changes = request !== 'BYE' && 'sequence' in request
  }

  /** It was sent and would change something. */
  get uncertain(): boolean {
    return this.#changes && this.sends > 0
  }

  answer(answer: unknown): void {
    if (this.settled) return
    this.settled = true
    if (!isFailure(answer)) this.#asker.answered(answer, this)
    else this.#asker.refused(this.#codeOf(answer), this)
  }

  expire(now: number): void {
    if (this.deadline < now) this.fail()
  }

  fail(): void {
    if (this.settled) return
    this.settled = true
    this.#asker.refused(this.uncertain ? 'LOCKSTEP_OUTCOME_UNKNOWN' : 'LOCKSTEP_UNAVAILABLE', this)
  }

  /** A repeat that came too late says nothing about the first sending. */
  #codeOf({ code }: Failure): Failure['code'] {
    const unknown = this.#changes && this.sends > 1 && code === 'LOCKSTEP_UNAVAILABLE'
    return unknown ? 'LOCKSTEP_OUTCOME_UNKNOWN' : code
  }
}

export function isFailure(answer: unknown): answer is Failure {
  return typeof answer === 'object' && answer !== null && 'code' in answer
}
