import type { Unavailable } from '@lockstep/testing/servers/redis'
import type { ServerReport } from '../src/own-server.ts'

interface Server {
  stop(): Promise<void>
}

/** The life of a process that keeps the server of one sale: it sends a `ServerReport`, and ends with its server when the sale has gone. */
export async function keep<S extends Server>(
  start: () => Promise<S | Unavailable>,
  urlOf: (server: S) => string,
): Promise<never> {
  const gone = new Promise<void>((resolve) => process.once('disconnect', resolve))
  const server = await start().catch((error: Error) => ({ unavailable: error.message }))
  const report: ServerReport = 'unavailable' in server ? server : { url: urlOf(server) }
  // The sale may have gone in the meantime.
  if (process.connected) process.send?.(report)
  await gone
  if ('stop' in server) await server.stop()
  process.exit()
}
