import { conformance } from '@lockstep/conformance'
import { redis } from '@lockstep/state-redis'
import { startSentinels } from '@lockstep/testing/servers/redis-sentinels'
import { test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('the contract on a primary that Sentinels name', startSentinels, ({ name, sentinels }) => {
  conformance({ test, adapter: () => redis({ sentinel: { name, nodes: sentinels }, waitReplicas: 1 }) })
})
