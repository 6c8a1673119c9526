/** A process of its own: the redis-server of one sale. It sends a `ServerReport`, and ends with its server when the sale has gone. */
import { startRedis } from '@lockstep/testing/servers/redis'
import type { ServerReport } from '../src/redis-server.ts'

const gone = new Promise<void>((resolve) => process.once('disconnect', resolve))
const server = await startRedis().catch((error: Error) => ({ unavailable: error.message }))
process.send?.(('unavailable' in server ? server : { url: server.url }) satisfies ServerReport)
await gone
if ('stop' in server) await server.stop()
process.exit()
