import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Options } from './options.ts'

const usual = 3_000
const attempts = 100

/** The port of the sale. Rejects when the one that was asked for is taken. */
export async function choosePort({ port, once: headless }: Pick<Options, 'port' | 'once'>): Promise<number> {
  if (port !== undefined) {
    const free = await bind(port)
    if (free === undefined) throw new Error(`Port ${port} cannot be used here; choose another with --port.`)
    return free
  }
  const candidates = headless ? [0] : Array.from({ length: attempts }, (_, step) => usual + step)
  for (const candidate of candidates) {
    const free = await bind(candidate)
    if (free !== undefined) return free
  }
  throw new Error(`No port from ${usual} to ${usual + attempts - 1} is free; choose one with --port.`)
}

/** The port if it could be bound just now (0 stands for any), else `undefined`. */
async function bind(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return undefined
  }
  const bound = (server.address() as AddressInfo).port
  server.close()
  await once(server, 'close')
  return bound
}
