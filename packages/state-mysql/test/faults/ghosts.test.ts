import { reported } from '@lockstep/testing/faults/findings'
import { givenUp, lostReplies, lostRequests } from '@lockstep/testing/faults/ghosts'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import type { FaultProxy } from '@lockstep/testing/proxy'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

const times = rounds(50)

await withServer('no ghosts', startOwnMysql, (server) => {
  const ground = groundOf(server)

  test.concurrent('an acquire whose reply is lost gets its grant all the same', patience, async ({ task }) => {
    const subject = { on: ground, row: 'L4', what: 'lost reply' } as const
    expect(reported(task, subject, await lostReplies(ground, times))).toEqual([])
  })

  test.concurrent(
    'an acquire whose request is lost gets the lock once the connection is back',
    patience,
    async ({ task }) => {
      const subject = { on: ground, row: 'L4', what: 'lost request' } as const
      expect(reported(task, subject, await lostRequests(ground, times))).toEqual([])
    },
  )

  test.concurrent.for([
    { what: 'reply was', waiters: 1, strike: (proxy: FaultProxy) => proxy.loseReplies() },
    { what: 'request was', waiters: 0, strike: (proxy: FaultProxy) => proxy.halfOpen() },
  ])(
    'a caller that gave up when its $what lost leaves no lock behind',
    patience,
    async ({ what, ...given }, { task }) => {
      const subject = { on: ground, row: 'L4', what: `given up, ${what} lost` } as const
      expect(reported(task, subject, await givenUp(ground, { what, ...given, times }))).toEqual([])
    },
  )
})
