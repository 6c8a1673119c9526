import type { AddAllRequest } from '@lockstep/state'
import type { Command } from '../../src/index.ts'
import type { Change } from './change.ts'
import { FoldedCall, type Lane, List, type Work } from './folded-call.ts'
import type { Worker } from './worker.ts'

/** The changes of one process: one list for each name under way, what comes meanwhile joins the next, as `Folder` has it. */
export class Folder {
  readonly worker: Worker
  readonly #op: 'changeCounter' | 'changeEntry'
  readonly #lanes: Lane[] = []
  #ready: Lane[] = []
  #sequence = 0

  constructor(worker: Worker, op: 'changeCounter' | 'changeEntry') {
    this.worker = worker
    this.#op = op
  }

  change(
    change: Change,
    work: Work,
    names: readonly string[],
    timeout: number,
    extra?: Partial<AddAllRequest>,
  ): FoldedCall {
    const lanes = names.map((name) => this.#lane(name))
    const call = new FoldedCall(this, change, work, lanes, timeout, extra)
    for (const lane of lanes) {
      lane.waiting.push(call)
      this.schedule(lane)
    }
    return call
  }

  schedule(lane: Lane): void {
    if (lane.ready || lane.waiting.length === 0) return
    if (lane.underWay !== undefined && this.worker.world.rules.oneListUnderWay) return
    lane.ready = true
    this.#ready.push(lane)
  }

  /** At the end of a turn. */
  flush(): void {
    if (this.#ready.length === 0) return
    const lanes = this.#ready
    this.#ready = []
    this.#sequence++
    for (const lane of lanes) {
      lane.ready = false
      this.#next(lane)
    }
  }

  #lane(name: string): Lane {
    for (const lane of this.#lanes) if (lane.name === name) return lane
    const lane: Lane = { name, waiting: [], underWay: undefined, ready: false }
    this.#lanes.push(lane)
    return lane
  }

  #next(lane: Lane): void {
    const head = lane.waiting[0]
    if (head === undefined) return
    if (lane.underWay !== undefined && this.worker.world.rules.oneListUnderWay) return
    if (!head.joint) this.#sendList(lane)
    else if (head.lanes.every((other) => other.underWay === undefined && other.waiting[0] === head))
      this.#sendJoint(head)
  }

  #sendList(lane: Lane): void {
    const joint = lane.waiting.findIndex((call) => call.joint)
    const calls = lane.waiting.splice(0, joint < 0 ? lane.waiting.length : joint)
    if (calls.length > 1) this.worker.world.coverage.count('changes folded into one list')
    const changes = calls.map(({ work }) => work)
    this.#send(new List(this, [lane], calls), {
      op: this.#op,
      name: lane.name,
      sequence: this.#sequence,
      changes,
    } as Command)
  }

  #sendJoint(call: FoldedCall): void {
    this.worker.world.coverage.count('changes of several names')
    for (const lane of call.lanes) lane.waiting.shift()
    const request = { op: 'addAll', sequence: this.#sequence, changes: call.work, ...call.extra, change: call.change }
    this.#send(new List(this, call.lanes, [call]), request as Command)
  }

  #send(list: List, command: Command): void {
    let deadline = 0
    for (const call of list.calls) {
      call.list = list
      deadline = Math.max(deadline, call.storeDeadline)
    }
    for (const lane of list.lanes) lane.underWay = list
    this.worker.link.request(command, deadline, list)
  }
}
