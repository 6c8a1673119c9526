import { addsUp, agreesWithModel, type Caller } from '@lockstep/conformance'
import type { RedisOptions } from '@lockstep/state-redis'
import { type Members, startMembers } from '@lockstep/testing/members/members'
import { startRedis } from '@lockstep/testing/servers/redis'
import { startRedisCluster } from '@lockstep/testing/servers/redis-cluster'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisWith } from './faults/ground.ts'
import { withServer } from '@lockstep/testing/with-server'

/** Two processes, each with a state of its own, held against the naive model of the suite. Both print the seed when they fail. */
function properties(options: RedisOptions): void {
  let members: Members
  beforeAll(async () => {
    members = await startMembers(2, redisWith(options))
  })
  afterAll(() => members[Symbol.asyncDispose]())
  const callers = (): Caller[] => members.map((member) => (call) => member.ask('call', call))

  test('random calls from both get the answers of the naive model', async () => {
    await expect(agreesWithModel({ callers: callers(), prefix: '{p}model:', runs: 40 })).resolves.toBeUndefined()
  })

  test('after random changes at once from both a counter is the sum of what was answered as applied', async () => {
    await expect(addsUp({ callers: callers(), prefix: '{p}sum:', runs: 40 })).resolves.toBeUndefined()
  })
}

await withServer('two processes of one server', startRedis, ({ url }) => {
  describe('two processes of one server', () => {
    properties({ url, prefix: 'processes:' })
  })
})

await withServer('two processes of one Cluster', startRedisCluster, ({ primaries }) => {
  const nodes = primaries.map(({ host, port }) => ({ host, port }))
  describe('two processes of one Cluster', () => {
    properties({ cluster: { nodes } })
  })
})
