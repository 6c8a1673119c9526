import { reported } from '@lockstep/testing/faults/findings'
import { line } from '@lockstep/testing/faults/line'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { brokenConnections, lostReply, silence, standstill } from '@lockstep/testing/faults/sums'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import { groundOf } from './ground.ts'
import { durable, kill } from './servers.ts'

await withServer(
  'linearizability',
  () => startOwnRedis(durable),
  (server) => {
    const ground = groundOf(server)

    test('a stock and all who read it agree on one order of events, whatever happens', patience, async ({ task }) => {
      const harms = [lostReply, standstill(ground, 300), brokenConnections, silence, () => kill(server)]
      const subject = { on: ground, row: 'C3', what: 'linearizable stock' } as const
      expect(reported(task, subject, await line(ground, { calls: rounds(5_000), harms }))).toEqual([])
    })
  },
)
