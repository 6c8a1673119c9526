import { contention } from '@lockstep/testing/faults/contention'
import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

await withServer('fencing', startOwnMysql, (server) => {
  test.for([
    { processes: 8, cohort: 16, holders: 5_000, order: 'handed on within each' },
    { processes: 4, cohort: 0, holders: 1_000, order: 'each by a request of its own' },
  ])(
    '$processes processes hold a lock one at a time, each with a greater token and the last value, $order',
    // Under the lock each holder reads and writes, fenced: two transactions.
    { timeout: 3 * patience.timeout },
    async ({ processes, cohort, holders, order }, { task }) => {
      const ground = groundOf(server, { cohort })
      const found = await contention(ground, { processes, holders: rounds(holders), name: order })
      const subject = { on: ground, row: 'L1', what: `one holder at a time, ${order}` } as const
      expect(reported(task, subject, found)).toEqual([])
    },
  )
})
