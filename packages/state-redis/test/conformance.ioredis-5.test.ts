import { conformance } from '@lockstep/conformance'
import { redis } from '@lockstep/state-redis'
import { startRedis } from '@lockstep/testing/servers/redis'
import { Redis } from 'ioredis-5'
import { afterAll, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

// The oldest client that is promised to work, with its own defaults: it queues and sends again by itself, and speaks RESP2.
await withServer('the contract on a passed client of ioredis 5.4', startRedis, ({ url }) => {
  const clients: Redis[] = []
  afterAll(() => clients.forEach((client) => client.disconnect()))
  const adapter = () => {
    const client = new Redis(url, { keyPrefix: 'app:' })
    clients.push(client)
    return redis({ client })
  }
  conformance({ test, adapter })
})
