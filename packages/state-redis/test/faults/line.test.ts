import { reported } from '@lockstep/testing/faults/findings'
import { anyCalls } from '@lockstep/testing/faults/any-calls'
import { line } from '@lockstep/testing/faults/line'
import { killAndRestart } from '@lockstep/testing/faults/plan/servers'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { brokenConnections, lostReply, silence, standstill } from '@lockstep/testing/faults/sums'
import { randomSeed } from '@lockstep/testing/random'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { durable, groundOf } from './ground.ts'

await withServer(
  'linearizability',
  () => startOwnRedis(durable),
  (server) => {
    const ground = groundOf(server)

    test('any calls of counters, entries and locks agree on one order of events', patience, async ({ task }) => {
      const harms = [lostReply, standstill(ground, 300), brokenConnections, silence, () => killAndRestart(server)]
      const seed = randomSeed()
      const found = await anyCalls(ground, { calls: rounds(5_000), harms, seed, locks: true })
      expect(reported(task, { on: ground, row: 'C3', what: 'any calls', seed }, found)).toEqual([])
    })

    test('a stock and all who read it agree on one order of events, whatever happens', patience, async ({ task }) => {
      const harms = [lostReply, standstill(ground, 300), brokenConnections, silence, () => killAndRestart(server)]
      const subject = { on: ground, row: 'C3', what: 'linearizable stock' } as const
      expect(reported(task, subject, await line(ground, { calls: rounds(5_000), harms }))).toEqual([])
    })
  },
)
