/** A process that asks an HTTP server for one path, over and over, on connections that stay open. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { answer } from '@lockstep/testing/calls'

export interface HttpLoad {
  readonly port: number
  readonly path: string
  readonly connections: number
  /** Milliseconds. */
  readonly duration: number
}

const handlers = {
  /** Resolves with the number of requests that were answered with 200; rejects at any other answer. */
  async run({ port, path, connections, duration }: HttpLoad): Promise<number> {
    const end = performance.now() + duration
    const counts = await Promise.all(Array.from({ length: connections }, () => askUntil(end, port, path)))
    return counts.reduce((sum, count) => sum + count, 0)
  },
}

export type HttpLoader = typeof handlers

/** By hand rather than by an HTTP client, which would need as much of the machine as the server. */
async function askUntil(end: number, port: number, path: string): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
  const socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay()
  let received = ''
  let answered = 0
  socket.on('data', (text: string) => {
    received += text
    if (!isWhole(received)) return
    if (!received.startsWith('HTTP/1.1 200')) socket.destroy(new Error(`The server answered: ${received}`))
    received = ''
    answered += 1
    if (performance.now() < end) socket.write(request)
    else socket.destroy()
  })
  socket.write(request)
  await once(socket, 'close')
  return answered
}

function isWhole(response: string): boolean {
  const head = response.indexOf('\r\n\r\n')
  const length = /\r\ncontent-length: (\d+)/i.exec(response)?.[1]
  return head > 0 && response.length >= head + 4 + Number(length)
}

answer(handlers)
