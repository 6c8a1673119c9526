import { reported } from '@lockstep/testing/faults/findings'
import { killAndRestart } from '@lockstep/testing/faults/plan/servers'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { brokenConnections, lostReply, silence, sums } from '@lockstep/testing/faults/sums'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { durable, groundOf } from './ground.ts'

const times = rounds(40)

await withServer(
  'sums',
  () => startOwnRedis(durable),
  (server) => {
    const ground = groundOf(server)
    const killed = (): Promise<void> => killAndRestart(server)

    test(
      'every change is acknowledged and made once, whatever happens to replies, connections and the server',
      patience,
      async ({ task }) => {
        const harms = [brokenConnections, lostReply, brokenConnections, killed]
        const found = await sums(ground, { processes: 8, timeout: 10_000, patient: true, harms, times })
        expect(reported(task, { on: ground, row: 'C1', what: 'all acknowledged' }, found)).toEqual([])
      },
    )

    test(
      'what callers are not told of who give up early is counted as unknown, and nothing else',
      patience,
      async ({ task }) => {
        const harms = [silence, killed, lostReply]
        const found = await sums(ground, { processes: 4, timeout: 100, patient: false, harms, times })
        expect(reported(task, { on: ground, row: 'C1', what: 'given up early' }, found)).toEqual([])
      },
    )
  },
)
