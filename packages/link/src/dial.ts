import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { UnavailableError, errorFrom, isStateError } from '@lockstep/state'
import type { LinkAddress } from './env.ts'
import { FrameReader, frameOf } from './frames.ts'
import { MAX_RESULTS, ProtocolError, VERSIONS } from './protocol.ts'
import type { ClientMessage, HostMessage, Identity, Welcome } from './protocol.ts'

/** What one read can bring. */
const READ_BYTES = 65_536

export interface DialOptions extends LinkAddress {
  /** Milliseconds. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  readonly resume?: Identity | undefined
}

/** Where the bytes of a connection go, without the detour over a stream's own queue. */
interface Inlet {
  receive(chunk: Buffer): void
}

/** A connection that the host has welcomed. The socket is paused; `reader` holds what has arrived since. */
export interface Dialled {
  readonly socket: Socket
  readonly inlet: Inlet
  readonly reader: FrameReader
  readonly welcome: Welcome
}

/**
 * Connect to a host and say HELLO, once. Rejects with the host's refusal, with an `UnavailableError` that says what to
 * do when the host cannot be reached in time, or with the reason of `signal`.
 */
export function dial({ path, token, timeout, signal, resume }: DialOptions): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const inlet: Inlet = { receive: () => {} }
    const socket = connectTo(path, inlet)
    const reader = new FrameReader(MAX_RESULTS)
    const timer = setTimeout(() => {
      fail(
        new UnavailableError(
          `The Lockstep host at ${path} did not answer within ${timeout} ms: its process is blocked or stopped`,
        ),
      )
    }, timeout)

    const release = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      inlet.receive = () => {}
    }
    const fail = (error: Error): void => {
      release()
      socket.destroy()
      reject(error)
    }
    const abort = (): void => fail(signal?.reason as Error)
    const read = (chunk: Buffer): void => {
      reader.push(chunk)
      try {
        const message = reader.next()
        if (message === undefined) return
        const welcome = welcomeOf(message as HostMessage)
        release()
        socket.pause()
        resolve({ socket, inlet, reader, welcome })
      } catch (error) {
        fail(
          isStateError(error)
            ? error
            : new UnavailableError(`What listens at ${path} is no Lockstep host`, { cause: error }),
        )
      }
    }

    const hello: ClientMessage = ['HELLO', { versions: VERSIONS, token, ...(resume && { resume }) }]
    socket.write(frameOf(JSON.stringify(hello)))
    inlet.receive = read
    socket.on('close', () => fail(new UnavailableError(`The Lockstep host at ${path} closed the connection`)))
    // Stays on after the welcome, so that no error of the socket is ever unhandled.
    socket.on('error', (cause: NodeJS.ErrnoException) => fail(unreachable(path, cause)))
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** `onread`: https://nodejs.org/api/net.html#socketconnectoptions-connectlistener */
function connectTo(path: string, inlet: Inlet): Socket {
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    inlet.receive(Buffer.from(buffer.subarray(0, bytes)))
    return true
  }
  return connect({ path, onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback } })
}

/** Throws the refusal if it is one. */
function welcomeOf(message: HostMessage): Welcome {
  switch (message[0]) {
    case 'WELCOME':
      return message[1]
    case 'REFUSED':
      throw errorFrom(message[1])
    case 'GOAWAY':
      throw new UnavailableError(`The Lockstep host turned the connection away: ${message[1]}`)
    default:
      throw new ProtocolError('a host has to begin with WELCOME')
  }
}

function unreachable(path: string, cause: NodeJS.ErrnoException): Error {
  const gone = cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED'
  const remedy = gone
    ? 'the process that started it (the primary) has ended; start this process again under a running one'
    : cause.message
  return new UnavailableError(`The Lockstep host at ${path} cannot be reached: ${remedy}`, { cause })
}
