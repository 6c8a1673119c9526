/** The Redis protocol, as much of it as starting servers takes: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
import { createConnection, type NetConnectOpts } from 'node:net'

export type Reply = string | number | null | readonly Reply[]

/** Milliseconds without a sign of the server after which its answer is given up. */
const patience = 10_000

/** There is more to come. */
class CutShort extends Error {}

/**
 * Sends these commands on a connection of their own and resolves with their replies. Rejects with the first error among
 * them, and when the server is not there, stays silent or hangs up before it has answered all.
 */
export function converse(address: NetConnectOpts, commands: readonly (readonly string[])[]): Promise<readonly Reply[]> {
  return new Promise((resolve, reject) => {
    const connection = createConnection({ ...address, timeout: patience })
    let received = Buffer.alloc(0)
    connection.on('data', (piece) => {
      received = Buffer.concat([received, piece])
      try {
        resolve(readReplies(received, commands.length))
      } catch (error) {
        if (error instanceof CutShort) return
        reject(error)
      }
      connection.destroy()
    })
    connection.on('timeout', () => connection.destroy(new Error(`The server was silent for ${patience} ms.`)))
    connection.on('error', reject)
    connection.on('close', () => reject(new Error('The server hung up before it had answered.')))
    connection.write(commands.map(encode).join(''))
  })
}

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}

function readReplies(bytes: Buffer, count: number): Reply[] {
  let at = 0
  const line = (): string => {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) throw new CutShort()
    const text = bytes.toString('utf8', at, end)
    at = end + 2
    return text
  }
  const text = (length: number): string => {
    const start = at
    at += length + 2
    if (at > bytes.length) throw new CutShort()
    return bytes.toString('utf8', start, start + length)
  }
  const reply = (): Reply => {
    const head = line()
    const rest = head.slice(1)
    switch (head[0]) {
      case '+':
        return rest
      case '-':
        throw new Error(rest)
      case ':':
        return Number(rest)
      case '$':
        return rest === '-1' ? null : text(Number(rest))
      case '*':
        return rest === '-1' ? null : Array.from({ length: Number(rest) }, reply)
      default:
        throw new Error(`This is no reply of a Redis server: ${head}`)
    }
  }
  return Array.from({ length: count }, reply)
}

/** The value of a field in what INFO and CLUSTER INFO answer: lines of `name:value`. */
export function field(info: Reply | undefined, name: string): string | undefined {
  const line = String(info)
    .split('\r\n')
    .find((each) => each.startsWith(`${name}:`))
  return line?.slice(name.length + 1)
}
