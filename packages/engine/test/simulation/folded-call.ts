import type {
  AddAllOutcome,
  AddAllRequest,
  CounterChange,
  CounterOutcome,
  EntryChange,
  EntryOutcome,
  Failure,
} from '@lockstep/state'
import { isFailure, type Asker } from './call.ts'
import type { Change } from './change.ts'
import type { Folder } from './folder.ts'
import type { Timer } from './timer.ts'

export type Work = CounterChange | EntryChange | AddAllRequest['changes']

export interface Lane {
  readonly name: string
  waiting: FoldedCall[]
  underWay: List | undefined
  ready: boolean
}

/** Changes that are sent together. */
export class List implements Asker {
  readonly #folder: Folder
  readonly lanes: readonly Lane[]
  readonly calls: readonly FoldedCall[]

  constructor(folder: Folder, lanes: readonly Lane[], calls: readonly FoldedCall[]) {
    this.#folder = folder
    this.lanes = lanes
    this.calls = calls
  }

  answered(answer: unknown): void {
    const outcomes = Array.isArray(answer)
      ? (answer as (CounterOutcome | EntryOutcome | Failure)[])
      : [answer as AddAllOutcome]
    for (const [index, call] of this.calls.entries()) {
      const outcome = outcomes[index]
      if (outcome === undefined) call.fail('LOCKSTEP_OUTCOME_UNKNOWN')
      else if (isFailure(outcome)) call.fail(outcome.code)
      else call.answer(outcome.applied)
    }
    this.free()
  }

  refused(code: Failure['code']): void {
    for (const call of this.calls) call.fail(code)
    this.free()
  }

  free(): void {
    for (const lane of this.lanes) {
      if (lane.underWay !== this) continue
      lane.underWay = undefined
      this.#folder.schedule(lane)
    }
  }
}

/** One caller's change, from its call to its answer. */
export class FoldedCall implements Timer {
  readonly #folder: Folder
  readonly change: Change
  readonly work: Work
  readonly lanes: readonly Lane[]
  readonly extra: Partial<AddAllRequest> | undefined
  readonly storeDeadline: number
  due: number
  list: List | undefined
  #settled = false

  constructor(
    folder: Folder,
    change: Change,
    work: Work,
    lanes: readonly Lane[],
    timeout: number,
    extra: Partial<AddAllRequest> | undefined,
  ) {
    this.#folder = folder
    this.change = change
    this.work = work
    this.lanes = lanes
    this.extra = extra
    this.due = folder.worker.world.now + timeout
    this.storeDeadline = this.due - Math.min(20, timeout / 10)
  }

  get joint(): boolean {
    return Array.isArray(this.work)
  }

  get settled(): boolean {
    return this.#settled
  }

  /** Its time is over. */
  fire(): void {
    this.due = Infinity
    if (!this.#settled) {
      this.fail(this.list === undefined ? 'LOCKSTEP_UNAVAILABLE' : 'LOCKSTEP_OUTCOME_UNKNOWN')
      this.#withdraw()
    }
    if (this.list?.calls.every((other) => other.settled)) this.list.free()
    this.#folder.worker.drop(this)
  }

  abort(): void {
    if (this.#settled) return
    this.#folder.worker.world.coverage.count('changes aborted')
    this.#settled = true
    this.change.tell(this.#folder.worker.world.now)
    this.#withdraw()
  }

  answer(applied: boolean): void {
    if (this.#settled) return
    this.#settle(applied ? 'changes acknowledged' : 'changes refused by their bounds')
    this.change.acknowledge(applied)
  }

  fail(code: Failure['code']): void {
    if (this.#settled) return
    if (code === 'LOCKSTEP_OUTCOME_UNKNOWN') return this.#settle('changes of unknown outcome')
    this.#settle(code === 'LOCKSTEP_UNAVAILABLE' ? 'changes never sent' : undefined)
    this.change.refuse()
  }

  #settle(
    as:
      | 'changes acknowledged'
      | 'changes refused by their bounds'
      | 'changes of unknown outcome'
      | 'changes never sent'
      | undefined,
  ): void {
    this.#settled = true
    this.change.tell(this.#folder.worker.world.now)
    if (as !== undefined) this.#folder.worker.world.coverage.count(as)
    // A call that was answered leaves with its list; the others of the list may still need its time.
    if (this.list === undefined || this.list.calls.every((other) => other.settled)) {
      for (const call of this.list?.calls ?? [this]) this.#folder.worker.drop(call)
    }
  }

  #withdraw(): void {
    if (this.list !== undefined) return
    for (const lane of this.lanes) {
      lane.waiting = lane.waiting.filter((other) => other !== this)
      this.#folder.schedule(lane)
    }
    this.#folder.worker.drop(this)
  }
}
