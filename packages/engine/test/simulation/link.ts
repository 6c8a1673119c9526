import { Call, type Asker } from './call.ts'
import type { Connection, ToClient } from './connection.ts'
import { violated } from './violation.ts'
import type { Command } from '../../src/index.ts'
import type { Timer } from './timer.ts'
import type { World } from './world.ts'

/** Commands that a client may have unanswered at a time. Small, so that it is used up. */
const credit = 6
const dialTimeout = 5_000
const delay = { first: 10, longest: 1_000 }
/** What was sent is looked at this long after its deadline, in milliseconds. */
const sweepEvery = 250

/** What a process hears of its link. */
export interface LinkListener {
  offered(owner: string): void
  lost(): void
  /** The goodbye was answered, or nobody is left to answer it. */
  ended(): void
}

/** The client's side of the link, as `LinkClient` and `ClientConnection` have it. */
export class Link {
  readonly #world: World
  readonly #listener: LinkListener
  #connection: Connection | undefined
  #up = false
  #closing = false
  #attempts = 0
  #useful = false
  #waiting: Call[] = []
  #unanswered: Call[] = []
  /** Issued by the host; kept to come back as the same. */
  identity: string | undefined
  readonly sweep: Timer
  /** The next attempt to connect, or the end of the present one. */
  readonly dial: Timer

  constructor(world: World, listener: LinkListener) {
    this.#world = world
    this.#listener = listener
    this.sweep = { due: Infinity, fire: () => this.#expire() }
    this.dial = { due: world.now, fire: () => (this.#connection === undefined ? this.#connect() : this.#abandon()) }
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  get up(): boolean {
    return this.#up
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#unanswered.every((call) => call.settled)
  }

  request(command: Command | 'BYE', deadline: number, asker: Asker): Call {
    const call = new Call(command, deadline, asker)
    this.#waiting.push(call)
    this.sweep.due = Math.min(this.sweep.due, deadline + (this.#up ? sweepEvery : 0.5))
    return call
  }

  sayGoodbye(): void {
    this.#closing = true
    const ended = (): void => this.#listener.ended()
    this.request('BYE', this.#world.now + 2_000, { answered: ended, refused: ended })
  }

  /** At the end of a turn: send what there is room for. */
  transmit(): void {
    const connection = this.#connection
    if (!this.#up || connection === undefined) return
    for (let call = this.#nextLive(); call !== undefined; call = this.#nextLive()) {
      if (this.#unanswered.length >= credit) return this.#world.coverage.count('credit used up')
      if (call.request === 'BYE') {
        this.#track(call)
        connection.toHost.push({ kind: 'BYE' })
      } else {
        this.#sendBatch(connection)
      }
    }
  }

  /** Take in one message. */
  receive(): void {
    const message = this.#connection?.toClient.shift()
    if (message !== undefined) this.#handle(message)
  }

  /** This side's end of the connection breaks; the first `arriving` messages still reach the host. */
  break(arriving: number): void {
    const connection = this.#connection
    if (connection === undefined) return
    connection.closeByClient(arriving)
    if (!this.#up) return this.#retryLater()
    this.#lose()
  }

  #connect(): void {
    const connection = this.#world.connect()
    if (connection === undefined) return this.#retryLater()
    this.#connection = connection
    connection.toHost.push({ kind: 'HELLO', resume: this.identity })
    this.dial.due = this.#world.now + dialTimeout
  }

  #abandon(): void {
    this.#connection?.closeByClient(Infinity)
    this.#retryLater()
  }

  #retryLater(): void {
    this.#world.coverage.count('connection attempts failed')
    this.#reconnect()
  }

  #reconnect(): void {
    this.#connection = undefined
    this.dial.due = this.#world.now + Math.min(delay.first * 2 ** this.#attempts++, delay.longest) * 0.75
  }

  #handle(message: ToClient): void {
    switch (message.kind) {
      case 'WELCOME':
        return this.#adopt(message.identity, message.resumed)
      case 'RESULTS':
        for (const answer of message.answers) this.#settle(answer)
        return
      case 'OFFERS':
        this.#world.coverage.count('offers heard')
        for (const owner of message.owners) this.#listener.offered(owner)
        return
      case 'BYE_OK':
        return this.#settle(undefined)
      case 'END':
        if (!this.#up) return this.#retryLater()
        return this.#lose()
    }
  }

  #adopt(identity: string, resumed: boolean): void {
    this.#world.coverage.count('connections opened')
    this.identity = identity
    this.#up = true
    this.#useful = false
    this.dial.due = Infinity
    const lost = this.#waiting.filter((call) => call.uncertain && !resumed)
    if (this.#world.rules.newHostGetsNoRepeat) for (const call of lost) call.fail()
  }

  #settle(answer: unknown): void {
    const call = this.#unanswered.shift()
    if (call === undefined) return violated('an answer came to nothing')
    this.#useful = true
    call.answer(answer)
  }

  #lose(): void {
    this.#world.coverage.count('connections lost')
    if (this.#useful) this.#attempts = 0
    this.#up = false
    const calls = [...this.#unanswered, ...this.#waiting]
    this.#unanswered = []
    if (this.#closing) for (const call of calls) call.fail()
    this.#waiting = calls.filter((call) => !call.settled)
    for (const { deadline } of this.#waiting) this.sweep.due = Math.min(this.sweep.due, deadline + 0.5)
    this.#listener.lost()
    this.#reconnect()
  }

  #expire(): void {
    const { now } = this.#world
    for (const call of this.#waiting) call.expire(now)
    for (const call of this.#unanswered) call.expire(now)
    this.#waiting = this.#waiting.filter((call) => !call.settled)
    let due = Infinity
    for (const call of this.#waiting) due = Math.min(due, call.deadline + 0.5)
    for (const call of this.#unanswered) if (!call.settled) due = Math.min(due, call.deadline + sweepEvery)
    this.sweep.due = due === Infinity ? due : Math.max(due, now + 10)
  }

  #sendBatch(connection: Connection): void {
    const commands: Command[] = []
    let deadline = 0
    for (let call = this.#nextLive(); call !== undefined; call = this.#nextLive()) {
      if (call.request === 'BYE' || this.#unanswered.length >= credit) break
      this.#track(call)
      commands.push(call.request)
      deadline = Math.max(deadline, call.deadline)
    }
    connection.toHost.push({ kind: 'BATCH', deadline: Math.ceil(deadline), commands })
  }

  #track(call: Call): void {
    if (call.sends > 0) this.#world.coverage.count('requests sent again')
    call.sends++
    this.#unanswered.push(call)
    this.#waiting.shift()
    this.sweep.due = Math.min(this.sweep.due, call.deadline + sweepEvery)
  }

  #nextLive(): Call | undefined {
    for (let call = this.#waiting[0]; call !== undefined; call = this.#waiting[0]) {
      call.expire(this.#world.now)
      if (!call.settled) return call
      this.#waiting.shift()
    }
    return undefined
  }
}
