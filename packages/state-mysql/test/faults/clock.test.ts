import { reported } from '@lockstep/testing/faults/findings'
import { jumpingClock, jumps } from '@lockstep/testing/faults/jumping-clock'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

await withServer('clocks of clients', startOwnMysql, (server) => {
  const ground = groundOf(server)

  test.concurrent.for(jumps)(
    'a lease is held and ends as ever when the wall clock of its holder jumps by %d ms',
    async (jump, { task }) => {
      const subject = { on: ground, row: 'L3', what: `the wall clock jumps by ${jump} ms` } as const
      expect(reported(task, subject, await jumpingClock(ground, jump))).toEqual([])
    },
  )
})
