import { access } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { dirname } from 'node:path'
import type { OwnRedisServer } from '../src/servers/redis.ts'

export interface Traces {
  readonly pid: number | undefined
  readonly port: number
  readonly folder: string
}

/** Where to look for a server when it has been stopped; it loses its pid then. */
export function tracesOf({ pid, port, socket }: OwnRedisServer): Traces {
  return { pid, port, folder: dirname(socket) }
}

/** What is left of servers: processes, listeners, folders. */
export async function remains(traces: readonly Traces[]): Promise<string[]> {
  const checks = await Promise.all(
    traces.map(async ({ pid, port, folder }) => [
      { what: `process ${pid}`, there: pid !== undefined && lives(pid) },
      { what: `port ${port}`, there: await listens(port) },
      { what: `folder ${folder}`, there: await access(folder).then(yes, no) },
    ]),
  )
  return checks.flat().flatMap(({ what, there }) => (there ? [what] : []))
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function listens(port: number): Promise<boolean> {
  const socket = createConnection({ host: '127.0.0.1', port })
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).then((open) => {
    socket.destroy()
    return open === true
  })
}

const yes = (): boolean => true
const no = (): boolean => false
