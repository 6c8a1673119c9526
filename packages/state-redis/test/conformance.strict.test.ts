import { conformance } from '@lockstep/conformance'
import { redis } from '@lockstep/state-redis'
import { startRedis } from '@lockstep/testing/servers/redis'
import { test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('the contract with waiters in strict order', startRedis, ({ url }) => {
  conformance({ test, adapter: () => redis({ url, prefix: 'strict:', cohort: 0 }) })
})
