import { conformance } from '@lockstep/conformance'
import { redis } from '@lockstep/state-redis'
import { startRedisCluster } from '@lockstep/testing/servers/redis-cluster'
import { test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('the contract on a Cluster', startRedisCluster, ({ primaries }) => {
  conformance({ test, adapter: () => redis({ cluster: { nodes: primaries } }) })
})
