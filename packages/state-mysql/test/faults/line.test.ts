import { reported } from '@lockstep/testing/faults/findings'
import { anyCalls } from '@lockstep/testing/faults/any-calls'
import { line } from '@lockstep/testing/faults/line'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { brokenConnections, lostReply, silence, standstill } from '@lockstep/testing/faults/sums'
import { randomSeed } from '@lockstep/testing/random'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

await withServer('linearizability', startOwnMysql, (server) => {
  const ground = groundOf(server)
  // The server is not killed here: InnoDB shows others a commit before it is on the disk, so a read may have seen what a crash takes back. Its writer was never told.
  const harms = [lostReply, standstill(ground, 300), brokenConnections, silence]

  test('any calls of counters, entries and locks agree on one order of events', patience, async ({ task }) => {
    const seed = randomSeed()
    const found = await anyCalls(ground, { calls: rounds(5_000), harms, seed, locks: true })
    expect(reported(task, { on: ground, row: 'C3', what: 'any calls', seed }, found)).toEqual([])
  })

  test('a stock and all who read it agree on one order of events, whatever happens', patience, async ({ task }) => {
    const subject = { on: ground, row: 'C3', what: 'linearizable stock' } as const
    expect(reported(task, subject, await line(ground, { calls: rounds(5_000), harms }))).toEqual([])
  })
})
