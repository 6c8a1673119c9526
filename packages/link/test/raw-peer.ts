import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { FrameReader, frameOf } from '../src/frames.ts'
import type { Host } from '../src/index.ts'

/** A peer that can say anything to a host. */
export class RawPeer {
  readonly socket: Socket
  readonly #received: unknown[][] = []
  #ended = false

  constructor(socket: Socket) {
    this.socket = socket
    const reader = new FrameReader(Infinity)
    socket.on('data', (chunk) => {
      reader.push(chunk)
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        this.#received.push(message as unknown[])
      }
      socket.emit('progress')
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#ended = true
      socket.emit('progress')
    })
    onTestFinished(() => {
      socket.destroy()
    })
  }

  /** Connected, and silent so far. */
  static async connect(host: Host): Promise<RawPeer> {
    const socket = connect(host.path)
    await once(socket, 'connect')
    return new RawPeer(socket)
  }

  /** Connected and welcomed. */
  static async join(host: Host): Promise<RawPeer> {
    const peer = await RawPeer.connect(host)
    peer.say(['HELLO', { versions: { oldest: 1, newest: 1 }, token: host.token }])
    await peer.hear('WELCOME')
    return peer
  }

  say(message: unknown): void {
    this.socket.write(frameOf(JSON.stringify(message)))
  }

  /** The next message, whatever it is; rejects when the connection ends without one. */
  async answer(): Promise<unknown[]> {
    for (;;) {
      const message = this.#received.shift()
      if (message !== undefined) return message
      if (this.#ended) throw new Error('the connection ended without it')
      await once(this.socket, 'progress')
    }
  }

  /** The next message of this kind; rejects when the connection ends without it. */
  async hear(kind: string): Promise<unknown[]> {
    for (;;) {
      const message = await this.answer()
      if (message[0] === kind) return message
    }
  }

  async end(): Promise<void> {
    while (!this.#ended) await once(this.socket, 'progress')
  }
}
