import type { Socket } from 'node:net'
import { monotonic } from '@lockstep/state'
import type { Call } from './call.ts'
import type { Dialled } from './dial.ts'
import { Fields } from './fields.ts'
import { Fifo } from './fifo.ts'
import { frameOf } from './frames.ts'
import type { FrameReader } from './frames.ts'
import type { LogHealth } from './log.ts'
import { BATCH_CHARACTERS, BATCH_COMMANDS, HIGH_WATER, ProtocolError } from './protocol.ts'
import type { HostMessage, Welcome } from './protocol.ts'

/** What a connection tells its client. */
export interface ConnectionListener {
  /** The host has answered or read: there may be room for more. */
  progressed(): void
  offered(owner: string): void
  /**
   * Said once, unless the connection was closed by us. `unanswered`, in the order they were sent, may hold settled
   * calls.
   */
  lost(reason: string, unanswered: Call[], cause?: Error): void
}

/** The client's side of one connection. Answers come in the order of the calls. */
export class ClientConnection {
  readonly welcome: Welcome
  readonly #socket: Socket
  readonly #reader: FrameReader
  readonly #listener: ConnectionListener
  readonly #unanswered = new Fifo<Call>()
  /** The number of the first unanswered call. */
  #first = 0
  #ended = false
  #reason = 'its process has ended'

  constructor({ socket, inlet, reader, welcome }: Dialled, listener: ConnectionListener) {
    this.welcome = welcome
    this.#socket = socket
    this.#reader = reader
    this.#listener = listener
    inlet.receive = (chunk) => {
      reader.push(chunk)
      this.#read()
    }
    socket.on('drain', () => listener.progressed())
    socket.on('error', (error) => this.#lose(error.message, error))
    socket.on('close', () => this.#lose(this.#reason))
    socket.resume()
  }

  /** Something was answered: it was not what we sent that made the host cut us. */
  get useful(): boolean {
    return this.#first > 0
  }

  /** Send of the waiting calls what there is room for. */
  transmit(waiting: Fifo<Call>): void {
    const now = monotonic()
    this.#socket.cork()
    for (let call = nextLive(waiting, now); call !== undefined && this.#room; call = nextLive(waiting, now)) {
      if (call.kind === 'COMMAND') {
        this.#sendBatch(waiting, now)
      } else {
        waiting.shift()
        this.#track(call)
        this.#send(`["${call.kind}"]`)
      }
    }
    this.#socket.uncork()
  }

  /** Settle the calls that are past their deadline; `true` if others are left. */
  expire(now: number): boolean {
    let live = false
    for (const call of this.#unanswered) {
      call.expire(now)
      live ||= !call.settled
    }
    return live
  }

  /** Whether the connection keeps this process alive. */
  hold(busy: boolean): void {
    if (busy) this.#socket.ref()
    else this.#socket.unref()
  }

  /** End the connection; answers the calls that are left. */
  close(): Call[] {
    this.#ended = true
    this.#socket.destroy()
    return [...this.#unanswered]
  }

  get #room(): boolean {
    return this.#unanswered.length < this.welcome.credit && this.#socket.writableLength < HIGH_WATER
  }

  #sendBatch(waiting: Fifo<Call>, now: number): void {
    const first = this.#first + this.#unanswered.length
    const most = Math.min(BATCH_COMMANDS, this.welcome.credit - this.#unanswered.length)
    let commands = ''
    let deadline = 0
    for (let count = 0; count < most; count++) {
      const call = nextLive(waiting, now)
      if (call?.kind !== 'COMMAND') break
      if (count > 0 && commands.length + call.json.length > BATCH_CHARACTERS) break
      waiting.shift()
      this.#track(call)
      commands += `,${call.json}`
      deadline = Math.max(deadline, call.deadline)
    }
    this.#send(`["BATCH",${first},${Math.ceil(deadline)}${commands}]`)
  }

  #track(call: Call): void {
    call.sends++
    this.#unanswered.push(call)
  }

  #send(json: string): void {
    this.#socket.write(frameOf(json))
  }

  #read(): void {
    try {
      for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) {
        this.#receive(message as HostMessage)
      }
    } catch (error) {
      this.#lose('it sent what this version does not understand', error as Error)
      return
    }
    this.#listener.progressed()
  }

  #receive(message: HostMessage): void {
    switch (message[0]) {
      case 'RESULTS':
        if (message[1] !== this.#first) throw new ProtocolError('answers to other calls than those sent')
        for (let index = 2; index < message.length; index++) this.#settle('COMMAND', message[index])
        break
      case 'PONG':
        this.#settle('PING', readPong(message))
        break
      case 'BYE_OK':
        this.#settle('BYE', undefined)
        break
      case 'OFFERS':
        for (const owner of message.slice(1)) this.#listener.offered(owner)
        break
      case 'GOAWAY':
        this.#reason = message[1]
        break
      default:
        throw new ProtocolError('unknown message')
    }
  }

  #settle(kind: Call['kind'], answer: unknown): void {
    const call = this.#unanswered.peek()
    if (call?.kind !== kind) throw new ProtocolError('an answer to nothing')
    call.answer(answer)
    this.#unanswered.shift()
    this.#first++
  }

  #lose(reason: string, cause?: Error): void {
    if (this.#ended) return
    this.#listener.lost(reason, this.close(), cause)
  }
}

/** `undefined`: the host has no log. */
function readPong([, ...said]: readonly unknown[]): LogHealth | undefined {
  const fields = new Fields(said)
  if (fields.left === 0) return undefined
  const durability = fields.string(Infinity)
  return { durability, warnings: Array.from({ length: fields.left }, () => fields.string(Infinity)) }
}

/** The first waiting call that is still worth sending; those before it are settled and taken out. */
function nextLive(waiting: Fifo<Call>, now: number): Call | undefined {
  for (let call = waiting.peek(); call !== undefined; call = waiting.peek()) {
    call.expire(now)
    if (!call.settled) return call
    waiting.shift()
  }
  return undefined
}
