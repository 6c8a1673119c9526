import { conformance } from '@lockstep/conformance'
import { redis } from '@lockstep/state-redis'
import { startRedis } from '@lockstep/testing/servers/redis'
import { afterAll, test } from 'vitest'

const server = await startRedis()
if ('unavailable' in server) {
  test.skip(`the Redis adapter keeps the contract: ${server.unavailable}`)
} else {
  afterAll(() => server.stop())
  conformance({ test, adapter: () => redis({ url: server.url }) })
}
