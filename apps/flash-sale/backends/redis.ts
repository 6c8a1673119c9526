/** A process of its own: the redis-server of one sale. */
import { startRedis } from '@lockstep/testing/servers/redis'
import { keep } from './keep.ts'

await keep(startRedis, ({ url }) => url)
