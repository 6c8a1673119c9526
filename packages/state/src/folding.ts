import type { Call, ChangeList } from './adapter.ts'
import { notAnswered, outcomeUnknown } from './calls.ts'
import { Deadlines } from './deadlines.ts'
import { reportRefusal } from './diagnostics.ts'
import { CapacityError, errorFrom, isFailure, type Failure } from './errors.ts'
import { FoldedCall, type JointRequest, Lane } from './folded-call.ts'
import type { Turn } from './turn.ts'

/** Calls of one folder that may be under way or waiting: far above what a healthy process has, far below what would hurt its memory. */
const maxCalls = 50_000
/** Changes in one list, so that a flood on one name does not make one step of the store long. */
const maxChanges = 512
/** The weight at which a list is closed, so that a few large values do not make one request too large for its way. */
const maxWeight = 1_048_576

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
  readonly #weigh: (change: Change) => number
  readonly #lanes = new Map<string, Lane<Change, Outcome>>()
  /** Lanes that the end of this turn looks at. */
  #ready: Lane<Change, Outcome>[] = []
  readonly #deadlines: Deadlines<FoldedCall<Change, Outcome>>
  #sequence = 0
  #open = 0
  #whenIdle: (() => void)[] = []

  /** `weigh`: what a change adds to its request, about, in characters. */
  constructor(send: Send<Change, Outcome>, turn: Turn, weigh: (change: Change) => number) {
    this.#send = send
    this.#turn = turn
    this.#weigh = weigh
    this.#deadlines = new Deadlines(turn, this.#expire)
  }

  /** Put a change into the next list of its name. `timeout` (milliseconds) and `signal` have been checked. */
  change(name: string, change: Change, timeout: number, signal: AbortSignal | undefined): Promise<Outcome> {
    if (this.#open >= maxCalls) return Promise.reject(full())
    return this.#enter<Outcome>(change, this.#lane(name).alone, timeout, signal)
  }

  /** Run `request` when every name is free of lists, and keep them free until it has settled. */
  together<T>(
    names: readonly string[],
    request: (sequence: number, call: Call) => Promise<T>,
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.#open >= maxCalls) return Promise.reject(full())
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
    return new Promise<T>((resolve, reject) => {
      const call = new FoldedCall<Change, Outcome>(work, lanes, this.#deadlines.group(timeout), resolve, reject)
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
    if (lane === undefined) this.#lanes.set(name, (lane = new Lane(name)))
    return lane
  }

  /** Have the lane looked at when this turn ends, or let it go. */
  #schedule(lane: Lane<Change, Outcome>): void {
    if (lane.underWay !== undefined || lane.ready) return
    if (lane.waiting.length === 0) {
      if (this.#lanes.size > maxIdleLanes) this.#lanes.delete(lane.name)
      return
    }
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
    if (lane.underWay !== undefined) return
    const head = lane.waiting[0]
    if (head === undefined) this.#schedule(lane)
    else if (typeof head.work !== 'function') this.#sendList(lane, sequence)
    else if (head.lanes.every((other) => other.underWay === undefined && other.waiting[0] === head))
      this.#sendJoint(head, head.work, sequence)
  }

  #sendList(lane: Lane<Change, Outcome>, sequence: number): void {
    const calls = this.#takeList(lane)
    const changes: Change[] = []
    let deadline = 0
    for (const call of calls) {
      call.list = calls
      changes.push(call.work as Change)
      if (call.storeDeadline > deadline) deadline = call.storeDeadline
    }
    lane.underWay = calls
    this.#send({ name: lane.name, sequence, changes }, { deadline }).then(
      (outcomes) => this.#answerList(calls, outcomes),
      (error: unknown) => this.#fail(calls, error),
    )
  }

  /** The changes at the head of the lane, up to a request over several lanes. */
  #takeList(lane: Lane<Change, Outcome>): readonly FoldedCall<Change, Outcome>[] {
    const { waiting } = lane
    let weight = 0
    let end = 0
    for (; end < waiting.length && end < maxChanges; end += 1) {
      const work = waiting[end]?.work
      if (work === undefined || typeof work === 'function') break
      weight += this.#weigh(work)
      if (weight > maxWeight && end > 0) break
    }
    lane.waiting = end === waiting.length ? [] : waiting.splice(end)
    return waiting
  }

  #sendJoint(call: FoldedCall<Change, Outcome>, request: JointRequest, sequence: number): void {
    const calls = [call]
    call.list = calls
    for (const lane of call.lanes) {
      lane.waiting.shift()
      lane.underWay = calls
    }
    request(sequence, { deadline: call.storeDeadline }).then(
      (outcome) => {
        call.answer(outcome)
        this.#finish(calls)
      },
      (error: unknown) => this.#fail(calls, error),
    )
  }

  #answerList(calls: readonly FoldedCall<Change, Outcome>[], outcomes: readonly (Outcome | Failure)[]): void {
    let index = 0
    for (const call of calls) {
      const outcome = outcomes[index++]
      if (outcome !== undefined && !isFailure(outcome)) call.answer(outcome)
      else this.#refuse(call, outcome === undefined ? outcomeUnknown(`a change of ${call.names}`) : errorFrom(outcome))
    }
    this.#finish(calls)
  }

  #fail(calls: readonly FoldedCall<Change, Outcome>[], error: unknown): void {
    for (const call of calls) this.#refuse(call, error)
    this.#finish(calls)
  }

  #finish(calls: readonly FoldedCall<Change, Outcome>[]): void {
    this.#free(calls)
    this.#leave(calls.length)
  }

  /** These calls are under way no more. */
  #free(calls: readonly FoldedCall<Change, Outcome>[]): void {
    for (const lane of calls[0]?.lanes ?? []) {
      if (lane.underWay !== calls) continue
      lane.underWay = undefined
      this.#schedule(lane)
    }
  }

  readonly #expire = (call: FoldedCall<Change, Outcome>): void => {
    const { list } = call
    if (!call.settled) {
      const what = `the change of ${call.names}`
      this.#refuse(call, list === undefined ? notAnswered(what) : outcomeUnknown(what))
      this.#withdraw(call)
    }
    // Nobody waits for the list any more, and the store refuses it by now.
    if (list?.every((other) => other.settled)) this.#free(list)
  }

  #refuse(call: FoldedCall<Change, Outcome>, error: unknown): void {
    if (call.settled) return
    call.fail(error)
    reportRefusal(call.names, error)
  }

  /** A call that will not be sent leaves its lanes; those behind it may go. */
  readonly #withdraw = (call: FoldedCall<Change, Outcome>): void => {
    if (call.list !== undefined) return
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

function full(): CapacityError {
  return new CapacityError(
    `${maxCalls} changes are waiting for the store; this one was not sent. Slow down, or shed load.`,
  )
}
