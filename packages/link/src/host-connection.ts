import type { Socket } from 'node:net'
import type { Failure } from '@lockstep/state'
import { Batch } from './batch.ts'
import { FrameReader, frameOf } from './frames.ts'
import { HIGH_WATER, MAX_FRAME, MAX_HELLO, ProtocolError } from './protocol.ts'
import type { Hello, HostMessage, Identity, Welcome } from './protocol.ts'
import type { LogHealth } from './log.ts'
import type { EngineRunner } from './runner.ts'
import { readHello } from './welcome.ts'

/** Milliseconds that a peer may take to say HELLO. */
const HELLO_TIMEOUT = 5_000
/** Owners in one frame of offers. */
const MOST_OFFERS = 1024

/**
 * How a connection ended. `'gone'`: its stream is over; `'cut'`: by the host; `'bye'`: the client said so, and does not
 * come back.
 */
export type Ending = 'gone' | 'cut' | 'bye'

/** What a connection needs of its host. */
export interface Reception {
  readonly runner: EngineRunner
  /** Milliseconds that a peer may leave its answers unread. */
  readonly stallTimeout: number
  welcome(connection: HostConnection, hello: Hello): Welcome | Failure
  /** Called once for each connection that was welcomed. */
  left(identity: Identity, ending: Ending): void
  /** Asks for a call of `tellOffers` at the end of this turn of the event loop. */
  offersWait(connection: HostConnection): void
}

/**
 * The host's side of one connection. Whatever its peer does, it harms nobody else: what is not understood, or not read
 * in time, is cut.
 */
export class HostConnection {
  readonly #socket: Socket
  readonly #reception: Reception
  readonly #reader = new FrameReader(MAX_HELLO)
  #identity: Identity | undefined
  /** Partly answered: the rest waits until the peer has read. */
  #batch: Batch | undefined
  #offers: string[] = []
  #working = false
  #ended = false
  /** Runs while the peer owes us something: its HELLO at first, later the reading of its answers. */
  #patience: NodeJS.Timeout | undefined

  constructor(socket: Socket, reception: Reception) {
    this.#socket = socket
    this.#reception = reception
    this.#expect(HELLO_TIMEOUT, 'no HELLO')
    socket.on('data', (chunk) => {
      if (this.#ended) return
      this.#reader.push(chunk)
      this.#work()
    })
    socket.on('drain', () => this.#work())
    socket.on('error', () => this.#end('gone'))
    socket.on('end', () => this.#end('gone'))
    socket.on('close', () => this.#end('gone'))
  }

  /** Who the client is, once it was welcomed. */
  get identity(): Identity | undefined {
    return this.#identity
  }

  /** A waiter of this client may take its lock now. */
  offer(owner: string): void {
    if (this.#offers.push(owner) === 1 && !this.#working) this.#reception.offersWait(this)
  }

  tellOffers(): void {
    while (this.#offers.length > 0 && !this.#ended) this.#send(['OFFERS', ...this.#offers.splice(0, MOST_OFFERS)])
  }

  /** The client has come back on another connection. */
  supersede(): void {
    this.#end('gone')
  }

  /** End the connection and tell the peer why, if it still listens. */
  cut(reason: string): void {
    if (this.#ended) return
    this.#send(['GOAWAY', reason])
    this.#end('cut')
  }

  // All that a chunk brings is worked off before one write, unless the peer falls behind with reading.
  #work(): void {
    this.#working = true
    this.#socket.cork()
    try {
      // What the log keeps of a batch is carried out first, whether its answers are read or not.
      while (!this.#ended && (this.#batch?.committed === true || !this.#congested) && this.#step());
    } catch (error) {
      this.cut(error instanceof Error ? error.message : String(error))
    }
    this.#working = false
    this.tellOffers()
    this.#socket.uncork()
    this.#mindPeer()
    this.#reception.runner.arm()
  }

  get #congested(): boolean {
    return this.#socket.writableLength >= HIGH_WATER
  }

  /** `false`: there is nothing to do until more has arrived. */
  #step(): boolean {
    if (this.#batch !== undefined && this.#identity !== undefined) {
      this.#sendJson(this.#batch.execute(this.#reception.runner, this.#identity.client))
      if (this.#batch.done) this.#batch = undefined
      return true
    }
    const message = this.#reader.next()
    if (message === undefined) return false
    if (this.#identity === undefined) this.#greet(readHello(message))
    else this.#receive(message)
    return true
  }

  #greet(hello: Hello): void {
    const welcome = this.#reception.welcome(this, hello)
    if ('code' in welcome) {
      this.#send(['REFUSED', welcome])
      this.#end('cut')
      return
    }
    this.#patience = clear(this.#patience)
    this.#reader.limit = MAX_FRAME
    this.#identity = welcome.identity
    this.#send(['WELCOME', welcome])
  }

  #receive(message: unknown): void {
    const kind: unknown = Array.isArray(message) ? message[0] : undefined
    switch (kind) {
      case 'BATCH':
        this.#batch = new Batch(message as unknown[], this.#reader.takeText())
        break
      case 'PING':
        this.#send(pong(this.#reception.runner.log?.health()))
        break
      case 'BYE':
        this.#end('bye')
        break
      default:
        throw new ProtocolError('unknown message')
    }
  }

  #end(ending: Ending): void {
    if (this.#ended) return
    this.#ended = true
    this.#patience = clear(this.#patience)
    if (this.#identity !== undefined) this.#reception.left(this.#identity, ending)
    if (ending === 'bye') {
      this.#send(['BYE_OK'])
      this.#socket.destroySoon()
    } else {
      // Corked bytes would go with the socket. Uncorked, they have reached the kernel, unless the peer does not read.
      this.#socket.uncork()
      this.#socket.destroy()
    }
  }

  /** A peer that does not read is left alone until it has, and cut if that takes too long. */
  #mindPeer(): void {
    if (this.#ended || this.#identity === undefined) return
    if (!this.#congested && this.#patience !== undefined) {
      this.#patience = clear(this.#patience)
      this.#socket.resume()
    } else if (this.#congested && this.#patience === undefined) {
      this.#socket.pause()
      this.#expect(this.#reception.stallTimeout, 'the answers are not read')
    }
  }

  #expect(timeout: number, complaint: string): void {
    this.#patience = setTimeout(() => this.cut(`${complaint} (${timeout} ms)`), timeout)
    this.#patience.unref()
  }

  #send(message: HostMessage): void {
    this.#sendJson(JSON.stringify(message))
  }

  #sendJson(json: string): void {
    this.#socket.write(frameOf(json))
  }
}

function pong(health: LogHealth | undefined): HostMessage {
  return health === undefined ? ['PONG'] : ['PONG', health.durability, ...health.warnings]
}

function clear(timer: NodeJS.Timeout | undefined): undefined {
  clearTimeout(timer)
}
