import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The server that stands behind a proxy: on a TCP port, or on a Unix socket. */
export type Target =
  | {
      /** By default 127.0.0.1. */
      readonly host?: string
      readonly port: number
    }
  | { readonly path: string }

/** What is passed on. All else is read and thrown away, ends of streams too, so that who sends learns nothing. */
type Flow = 'everything' | 'requests' | 'nothing'

interface Direction {
  /** Asked when something would arrive, so that what is on its way is harmed too. */
  readonly passes: () => boolean
  readonly deliver: (piece: Buffer) => void
}

/** A proxy on a free port of 127.0.0.1. */
export interface PortProxy extends FaultProxy {
  readonly host: string
  readonly port: number
}

/**
 * A proxy in front of a server, which passes everything on until it is told to do harm. It listens on a free port of 127.0.0.1, or where `at` says: on a Unix
 * socket. What a client sends is a request, what the server sends a reply, whatever protocol they speak.
 */
export async function startFaultProxy(target: Target): Promise<PortProxy>
export async function startFaultProxy(target: Target, at: { readonly path: string }): Promise<FaultProxy>
export async function startFaultProxy(target: Target, at?: { readonly path: string }): Promise<FaultProxy> {
  const host = '127.0.0.1'
  const listener = createServer({ allowHalfOpen: true, noDelay: true })
  listener.listen(at ?? { port: 0, host })
  await once(listener, 'listening')
  const proxy = new FaultProxy(listener, target)
  if (at !== undefined) return proxy
  return Object.assign(proxy, { host, port: (listener.address() as AddressInfo).port } satisfies Partial<PortProxy>)
}

/** Use `startFaultProxy`. Where a connection gets a RST, one over a Unix socket, which knows none, is closed at once. */
export class FaultProxy implements AsyncDisposable {
  readonly #listener: Server
  readonly #target: Target
  readonly #clients = new Set<Socket>()
  readonly #servers = new Set<Socket>()
  #flow: Flow = 'everything'
  #latency = 0
  #refusing = false
  #losesNextReply = false

  constructor(listener: Server, target: Target) {
    this.#listener = listener
    this.#target = target
    listener.on('connection', (client) => this.#accept(client))
  }

  /** How many connections clients hold open at the moment. */
  get connections(): number {
    return [...this.#clients].filter((client) => !client.readableEnded).length
  }

  /** From now on everything takes this much longer, in milliseconds and in each direction. Nothing overtakes. */
  latency(ms: number): void {
    this.#latency = ms
  }

  /** Ends all connections in order: a FIN to both sides; what is still on its way is lost. */
  cut(): void {
    for (const socket of [...this.#clients, ...this.#servers]) socket.end()
  }

  /** Breaks all connections: a RST to both sides. New ones are not harmed. */
  reset(): void {
    for (const socket of [...this.#clients, ...this.#servers]) reset(socket)
  }

  /**
   * A black hole: connections stay open and new ones are accepted, and nothing that either side sends, the end of a
   * connection included, reaches the other.
   */
  halfOpen(): void {
    this.#flow = 'nothing'
  }

  /**
   * New connections get a RST as soon as they are made, those there are stay. The address stays taken all the time, so
   * that nobody else can get it; for ECONNREFUSED end the server.
   */
  refuse(): void {
    this.#refusing = true
  }

  /** Requests reach the server, and all that it sends is lost, on every connection until `heal`. */
  loseReplies(): void {
    this.#flow = 'requests'
  }

  /** The next piece that the server sends, on whichever connection, is lost, and a RST breaks that connection. */
  loseNextReply(): void {
    this.#losesNextReply = true
  }

  /**
   * No more harm and no latency. Where requests or replies were being lost, all connections get a RST: a stream with a
   * hole in it is nothing that TCP would do.
   */
  heal(): void {
    if (this.#flow !== 'everything') this.reset()
    this.#flow = 'everything'
    this.#latency = 0
    this.#refusing = false
    this.#losesNextReply = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#listener.listening) return
    this.#listener.close()
    this.reset()
    await once(this.#listener, 'close')
  }

  #accept(client: Socket): void {
    keep(client, this.#clients)
    if (typeof this.#listener.address() === 'string') overUnix.add(client)
    if (this.#refusing) {
      reset(client)
    } else if (this.#flow === 'nothing') {
      client.resume()
    } else {
      const server = createConnection({ ...addressOf(this.#target), allowHalfOpen: true, noDelay: true })
      keep(server, this.#servers)
      if ('path' in this.#target) overUnix.add(server)
      this.#pipe(client, server, {
        passes: () => this.#flow !== 'nothing',
        deliver: (piece) => write(server, piece),
      })
      this.#pipe(server, client, {
        passes: () => this.#flow === 'everything',
        deliver: (piece) => {
          if (this.#losesNextReply) this.#loseReply(client, server)
          else write(client, piece)
        },
      })
    }
  }

  #loseReply(client: Socket, server: Socket): void {
    this.#losesNextReply = false
    reset(client)
    reset(server)
  }

  #pipe(from: Socket, to: Socket, { passes, deliver }: Direction): void {
    let turn = Promise.resolve()
    const pass = (act: () => void): void => {
      const due = performance.now() + this.#latency
      turn = turn.then(async () => {
        const rest = due - performance.now()
        // The latency itself.
        if (rest > 0) await sleep(rest)
        if (passes()) act()
      })
    }
    from.on('data', (piece) => {
      pass(() => deliver(piece))
    })
    from.on('end', () => {
      pass(() => to.end())
    })
    from.on('close', (broken) => {
      if (broken) pass(() => reset(to))
    })
  }
}

function addressOf(target: Target): Target {
  return 'path' in target ? target : { host: '127.0.0.1', ...target }
}

function write(socket: Socket, piece: Buffer): void {
  if (socket.writable) socket.write(piece)
}

function keep(socket: Socket, among: Set<Socket>): void {
  among.add(socket)
  // 'close' follows, and says whether there was an error.
  socket.on('error', () => {})
  socket.on('close', () => among.delete(socket))
}

/** Those over Unix sockets: they cannot be told by looking while they are connecting. */
const overUnix = new WeakSet<Socket>()

/** In the turn in which a stream was ended `resetAndDestroy()` would leave Node.js 24 spinning when it exits. */
function reset(socket: Socket): void {
  const ending = socket.writableEnded && !socket.writableFinished
  if (ending || overUnix.has(socket)) socket.destroy()
  else socket.resetAndDestroy()
}
