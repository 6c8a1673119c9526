import { reported } from '@lockstep/testing/faults/findings'
import { killAndRestart } from '@lockstep/testing/faults/plan/servers'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { brokenConnections, lostReply, silence, standstill, sums } from '@lockstep/testing/faults/sums'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

const times = rounds(40)

await withServer('sums', startOwnMysql, (server) => {
  const ground = groundOf(server)
  const killed = (): Promise<void> => killAndRestart(server)

  test(
    'with operation ids every change is acknowledged and made once, whatever happens to replies, connections and the server',
    patience,
    async ({ task }) => {
      const harms = [brokenConnections, lostReply, silence, killed]
      const load = { processes: 8, timeout: 20_000, patient: true, identified: true }
      const found = await sums(ground, { ...load, harms, times })
      expect(reported(task, { on: ground, row: 'C1', what: 'with operation ids' }, found)).toEqual([])
    },
  )

  test.for([
    { what: 'without operation ids', timeout: 5_000 },
    { what: 'given up early', timeout: 100 },
  ])(
    'what is acknowledged is made once, and what is unknown once at most, $what',
    patience,
    async ({ what, timeout }, { task }) => {
      const harms = [lostReply, silence, standstill(ground, 300), killed, brokenConnections]
      const found = await sums(ground, { processes: 4, timeout, patient: false, harms, times })
      expect(reported(task, { on: ground, row: 'C1', what }, found)).toEqual([])
    },
  )
})
