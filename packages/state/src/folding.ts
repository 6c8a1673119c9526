import type { Call, ChangeList } from './adapter.ts'
import { notAnswered, outcomeUnknown } from './calls.ts'
import { channels } from './diagnostics.ts'
import { CapacityError, errorFrom, isFailure, isStateError, type Failure } from './errors.ts'
import { DeadlineGroup, FoldedCall, type JointRequest, type Lane } from './folded-call.ts'
import type { Turn } from './turn.ts'

/** Calls of one folder that may be under way or waiting: far above what a healthy process has, far below what would hurt its memory. */
const maxCalls = 50_000
/** Changes in one list, so that a flood on one name does not make one step of the store long. */
const maxChanges = 512

/** Idle lanes that are kept, so that names in frequent use are not set up for every change. */
const maxIdleLanes = 1_024

type Send<Change, Outcome> = (list: ChangeList<Change>, call: Call) => Promise<readonly (Outcome | Failure)[]>

/**
 * Folds the changes that callers make at once into one list for each name and turn of the event loop. A name has one list under way; what comes meanwhile
 * joins the next. So each list is one step of the store, in order, and a repeat of it can be told from news (see `ChangeList`).
 */
export class Folder<Change extends object, Outcome extends object> {
  readonly #send: Send<Change, Outcome>
  readonly #turn: Turn
  readonly #lanes = new Map<string, Lane<Change, Outcome>>()
  /** Lanes that the end of this turn looks at. */
  #ready: Lane<Change, Outcome>[] = []
  /** By timeout: the calls of this turn share timers. */
  #groups = new Map<number, DeadlineGroup<Change, Outcome>>()
  #sequence = 0
  #open = 0
  #whenIdle: (() => void)[] = []

  constructor(send: Send<Change, Outcome>, turn: Turn) {
    this.#send = send
    this.#turn = turn
  }

  /** Put a change into the next list of its name. `timeout` (milliseconds) and `signal` have been checked. */
  change(name: string, change: Change, timeout: number, signal: AbortSignal | undefined): Promise<Outcome> {
    return this.#enter<Outcome>(change, [this.#lane(name)], timeout, signal)
  }

  /** Run `request` when every name is free of lists, and keep them free until it has settled. */
  together<T>(
    names: readonly string[],
    request: (sequence: number, call: Call) => Promise<T>,
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const lanes = names.map((name) => this.#lane(name))
    return this.#enter<T>(request, lanes, timeout, signal)
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  #enter<T>(
    work: Change | JointRequest,
    lanes: readonly Lane<Change, Outcome>[],
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.#open >= maxCalls) {
      return Promise.reject(
        new CapacityError(
          `${maxCalls} changes are waiting for the store; this one was not sent. Slow down, or shed load.`,
        ),
      )
    }
    return new Promise<T>((resolve, reject) => {
      const call = new FoldedCall<Change, Outcome>(work, lanes, this.#group(timeout), resolve, reject)
      if (signal !== undefined) call.watch(signal, this.#withdraw)
      this.#open += 1
      for (const lane of lanes) {
        lane.waiting.push(call)
        this.#schedule(lane)
      }
    })
  }

  #lane(name: string): Lane<Change, Outcome> {
    let lane = this.#lanes.get(name)
    if (lane === undefined) this.#lanes.set(name, (lane = { name, waiting: [], busy: false, ready: false }))
    return lane
  }

  #group(timeout: number): DeadlineGroup<Change, Outcome> {
    let group = this.#groups.get(timeout)
    if (group === undefined) {
      if (this.#groups.size === 0) this.#turn.fold(this.#closeGroups)
      group = new DeadlineGroup(timeout, this.#expire)
      this.#groups.set(timeout, group)
    }
    return group
  }

  readonly #closeGroups = (): void => {
    this.#groups = new Map()
  }

  #schedule(lane: Lane<Change, Outcome>): void {
    if (lane.busy || lane.ready) return
    if (lane.waiting.length === 0 && this.#lanes.size <= maxIdleLanes) return
    lane.ready = true
    if (this.#ready.length === 0) this.#turn.fold(this.#flush)
    this.#ready.push(lane)
  }

  readonly #flush = (): void => {
    const lanes = this.#ready
    this.#ready = []
    const sequence = (this.#sequence += 1)
    for (const lane of lanes) {
      lane.ready = false
      this.#next(lane, sequence)
    }
  }

  #next(lane: Lane<Change, Outcome>, sequence: number): void {
    if (lane.busy) return
    const head = lane.waiting[0]
    if (head === undefined) {
      if (this.#lanes.size > maxIdleLanes) this.#lanes.delete(lane.name)
    } else if (typeof head.work !== 'function') {
      this.#sendList(lane, sequence)
    } else if (head.lanes.every((other) => !other.busy && other.waiting[0] === head)) {
      this.#sendJoint(head, head.work, sequence)
    }
  }

  #sendList(lane: Lane<Change, Outcome>, sequence: number): void {
    const calls = takeList(lane)
    const changes: Change[] = []
    let deadline = 0
    for (const call of calls) {
      changes.push(call.work as Change)
      deadline = Math.max(deadline, call.deadline)
    }
    const sent = this.#send({ name: lane.name, sequence, changes }, { deadline })
    this.#occupy([lane], calls, deadline, sent, (outcomes) => {
      for (let index = 0; index < calls.length; index += 1) {
        const call = calls[index] as FoldedCall<Change, Outcome>
        const outcome = outcomes[index]
        if (outcome !== undefined && !isFailure(outcome)) call.answer(outcome)
        else this.#refuse(call, outcome === undefined ? outcomeUnknown(`a change of ${lane.name}`) : errorFrom(outcome))
      }
    })
  }

  #sendJoint(call: FoldedCall<Change, Outcome>, request: JointRequest, sequence: number): void {
    const { lanes, deadline } = call
    for (const lane of lanes) lane.waiting.shift()
    this.#occupy(lanes, [call], deadline, request(sequence, { deadline }), (outcome) => call.answer(outcome))
  }

  /** The lanes are busy until the store has answered, or is refusing the list because its deadline has passed. */
  #occupy<Answer>(
    lanes: readonly Lane<Change, Outcome>[],
    calls: readonly FoldedCall<Change, Outcome>[],
    deadline: number,
    sent: Promise<Answer>,
    settle: (answer: Answer) => void,
  ): void {
    let over = false
    const free = (): void => {
      if (over) return
      over = true
      for (const lane of lanes) {
        lane.busy = false
        this.#schedule(lane)
      }
    }
    for (const lane of lanes) lane.busy = true
    for (const call of calls) {
      call.sent = true
      if (call.deadline === deadline) call.onDeadline = free
    }
    const answered = (answer: Answer): void => {
      settle(answer)
      free()
      this.#leave(calls.length)
    }
    const failed = (error: unknown): void => {
      for (const call of calls) this.#refuse(call, error)
      free()
      this.#leave(calls.length)
    }
    sent.then(answered, failed)
  }

  readonly #expire = (call: FoldedCall<Change, Outcome>): void => {
    if (!call.settled) {
      this.#refuse(
        call,
        call.sent ? outcomeUnknown(`the change of ${call.names}`) : notAnswered(`the change of ${call.names}`),
      )
      this.#withdraw(call)
    }
    call.onDeadline?.()
  }

  #refuse(call: FoldedCall<Change, Outcome>, error: unknown): void {
    if (call.settled) return
    call.fail(error)
    report(call.names, error)
  }

  /** A call that will not be sent leaves its lanes; those behind it may go. */
  readonly #withdraw = (call: FoldedCall<Change, Outcome>): void => {
    if (call.sent) return
    for (const lane of call.lanes) {
      lane.waiting = lane.waiting.filter((other) => other !== call)
      this.#schedule(lane)
    }
    this.#leave(1)
  }

  #leave(calls: number): void {
    this.#open -= calls
    if (this.#open > 0) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}

/** The changes at the head of the lane, up to a request over several lanes. */
function takeList<Change, Outcome>(lane: Lane<Change, Outcome>): readonly FoldedCall<Change, Outcome>[] {
  const { waiting } = lane
  let end = 0
  while (end < waiting.length && end < maxChanges && typeof waiting[end]?.work !== 'function') end += 1
  lane.waiting = waiting.splice(end)
  return waiting
}

function report(name: string, error: unknown): void {
  if (!isStateError(error)) return
  if (error.code === 'LOCKSTEP_STALE_TOKEN' && channels.staleWrite.hasSubscribers)
    channels.staleWrite.publish({ name, error })
  if (error.code === 'LOCKSTEP_OUTCOME_UNKNOWN' && channels.outcomeUnknown.hasSubscribers)
    channels.outcomeUnknown.publish({ name, error })
}
