import type { Answer, Command, Operation } from '@lockstep/engine'
import { CapacityError, ClosedError, UnavailableError, monotonic } from '@lockstep/state'
import type { LockListener, Turn } from '@lockstep/state'
import { Call } from './call.ts'
import type { Request } from './call.ts'
import { ClientConnection } from './client-connection.ts'
import type { ConnectionListener } from './client-connection.ts'
import type { EngineClient } from './client.ts'
import { dial } from './dial.ts'
import type { Dialled } from './dial.ts'
import type { LinkAddress } from './env.ts'
import { Fifo } from './fifo.ts'
import type { LogHealth } from './log.ts'
import type { Identity } from './protocol.ts'

const CONNECT_TIMEOUT = 5_000
const CLOSE_TIMEOUT = 2_000
const SWEEP_EVERY = 250
/** Between two sweeps at least, so that an outage under load, with a deadline every moment, stays cheap. */
const SWEEP_REST = 10
const FIRST_DELAY = 10
const LONGEST_DELAY = 1_000
/** Calls that may wait to be sent. */
const MOST_WAITING = 50_000

export interface LinkOptions extends LinkAddress {
  /** Commands given in one turn of the event loop leave together at its end. */
  readonly turn: Turn
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal
  /** Milliseconds for each attempt to connect. Default: 5,000. */
  readonly connectTimeout?: number
}

/**
 * Connect to the host of another process. Rejects within `connectTimeout`: with an `UnavailableError` when the host
 * cannot be reached, an `UnsupportedError` when it speaks no version in common with this process, an
 * `InvalidArgumentError` when it does not know the token, or the reason of `signal`.
 *
 * A connection that is lost later is opened again for as long as the client is open. Every lease is lost with it;
 * changes under way are settled exactly by the same engine, and are `OutcomeUnknownError` when the host is a new one.
 * The connection keeps the process alive only while calls are pending.
 */
export async function connectLink(options: LinkOptions): Promise<EngineClient> {
  const client = new LinkClient(options)
  await client.connect(options.signal)
  return client
}

class LinkClient implements EngineClient, ConnectionListener {
  readonly #options: LinkOptions
  readonly #abort = new AbortController()
  #listener: LockListener | undefined
  #connection: ClientConnection | undefined
  /** Kept beyond a lost connection, to come back as the same client. */
  #identity: Identity | undefined
  #waiting = new Fifo<Call>()
  #flushing = false
  /** Calls are pending, or were when the sweep last looked, and keep the process alive. */
  #busy = false
  #sweep: NodeJS.Timeout | undefined
  /** When the sweep runs, on `monotonic()`. */
  #sweepDue = Infinity
  #retry: NodeJS.Timeout | undefined
  /** Attempts to connect since a connection was last of use. */
  #attempts = 0
  #closing: Promise<void> | undefined

  constructor(options: LinkOptions) {
    this.#options = options
  }

  async connect(signal: AbortSignal | undefined): Promise<void> {
    const { path, token, connectTimeout = CONNECT_TIMEOUT } = this.#options
    const dialled = await dial({ path, token, timeout: connectTimeout, signal, resume: this.#identity })
    if (signal?.aborted) dialled.socket.destroy()
    signal?.throwIfAborted()
    this.#adopt(dialled)
  }

  send<O extends Operation>(command: Command<O>, deadline: number): Promise<Answer<O>> {
    return this.#request(command as Command, deadline)
  }

  listen(listener: LockListener): void {
    this.#listener = listener
  }

  ping(deadline: number): Promise<LogHealth | undefined> {
    return this.#request('PING', deadline)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  progressed(): void {
    if (this.#waiting.length > 0) this.#flush()
  }

  offered(owner: string): void {
    this.#listener?.offered(owner)
  }

  lost(reason: string, unanswered: Call[], cause?: Error): void {
    const error = new UnavailableError(`The link to the Lockstep host was lost: ${reason}`, { cause })
    if (this.#connection?.useful) this.#attempts = 0
    this.#connection = undefined
    const calls = [...unanswered, ...this.#waiting]
    for (const call of calls) {
      if (this.#closing !== undefined || (call.uncertain && !call.repeatable)) call.fail(error.message, error)
    }
    this.#waiting = new Fifo(calls.filter((call) => !call.settled))
    this.#sweepBy(nearest(this.#waiting))
    this.#listener?.lost(error)
    this.#reconnect()
  }

  /** `resolve` is given what answers `request`. */
  #request<T>(request: Request, deadline: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closing !== undefined) {
        reject(new ClosedError('The state was closed'))
      } else if (this.#waiting.length >= MOST_WAITING) {
        reject(new CapacityError(`${MOST_WAITING} requests already wait for the Lockstep host: send fewer at once`))
      } else {
        this.#enqueue(new Call(request, deadline, resolve as (answer: unknown) => void, reject))
      }
    })
  }

  #enqueue(call: Call): void {
    this.#waiting.push(call)
    if (!this.#busy) this.#setBusy(true)
    if (this.#connection === undefined) this.#sweepBy(call.deadline)
    this.#flush()
  }

  #flush(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#options.turn.send(this.#transmit)
  }

  readonly #transmit = (): void => {
    this.#flushing = false
    this.#connection?.transmit(this.#waiting)
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy
    this.#connection?.hold(busy)
    if (!busy) {
      this.#retry?.unref()
      return
    }
    this.#retry?.ref()
    this.#sweepBy(monotonic() + SWEEP_EVERY)
  }

  #sweepBy(due: number): void {
    if (due >= this.#sweepDue) return
    clearTimeout(this.#sweep)
    this.#sweepDue = due
    this.#sweep = setTimeout(this.#expire, Math.max(due - monotonic(), 0)).unref()
  }

  // Coarse for what was sent, because the exact deadline of each call is kept above: this is for what would otherwise never
  // be forgotten, and to let an idle process go without touching the socket for every call. Exact for what was not sent,
  // because only we know that it was not.
  readonly #expire = (): void => {
    const now = monotonic()
    this.#sweepDue = Infinity
    for (const call of this.#waiting) call.expire(now)
    this.#waiting = new Fifo([...this.#waiting].filter((call) => !call.settled))
    const pending = this.#connection?.expire(now) === true || this.#waiting.length > 0
    if (!pending) return this.#setBusy(false)
    this.#sweepBy(now + SWEEP_EVERY)
    this.#sweepBy(Math.max(nearest(this.#waiting), now + SWEEP_REST))
  }

  #adopt(dialled: Dialled): void {
    const { identity, resumed } = dialled.welcome
    this.#identity = identity
    for (const call of this.#waiting) {
      if (call.uncertain && !resumed) call.fail('The Lockstep host has no record of the request: it was started anew')
    }
    this.#connection = new ClientConnection(dialled, this)
    this.#connection.hold(this.#busy)
    if (this.#busy) this.#flush()
  }

  #reconnect(): void {
    if (this.#closing !== undefined) return
    const delay = Math.min(FIRST_DELAY * 2 ** this.#attempts++, LONGEST_DELAY)
    // Half of it at random, so that the processes of a machine do not all come at once.
    this.#retry = setTimeout(
      () => {
        this.connect(this.#abort.signal).catch(() => this.#reconnect())
      },
      delay * (0.5 + Math.random() / 2),
    )
    if (!this.#busy) this.#retry.unref()
  }

  async #close(): Promise<void> {
    if (this.#connection !== undefined) await this.#sayGoodbye()
    this.#abort.abort()
    clearTimeout(this.#retry)
    clearTimeout(this.#sweep)
    for (const call of [...(this.#connection?.close() ?? []), ...this.#waiting]) call.fail('The state was closed')
  }

  #sayGoodbye(): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => resolve()
      this.#enqueue(new Call('BYE', monotonic() + CLOSE_TIMEOUT, settle, settle))
    })
  }
}

/** The first deadline of them, on `monotonic()`. */
function nearest(calls: Iterable<Call>): number {
  let first = Infinity
  for (const { deadline } of calls) first = Math.min(first, deadline)
  return first
}
