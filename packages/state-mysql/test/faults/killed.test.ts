import { reported } from '@lockstep/testing/faults/findings'
import { killedHolders, killedWaiters } from '@lockstep/testing/faults/killed'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

const times = rounds(50)

/** Of the leases of those that are killed; milliseconds, as all times here. */
const ttl = 400
/** From the moment that the lock is free: waiters poll. */
const soon = 200

await withServer('the death of a process', startOwnMysql, (server) => {
  const ground = groundOf(server)

  test(
    'when a holder is killed a waiter has the lock within the ttl, and then all others',
    patience,
    async ({ task }) => {
      const subject = { on: ground, row: 'L6', what: 'killed holder' } as const
      const found = await killedHolders(ground, { times, ttl, within: ttl + soon, inTurn: false })
      expect(reported(task, subject, found)).toEqual([])
    },
  )

  test('a waiter that is killed costs those behind it nothing', patience, async ({ task }) => {
    const subject = { on: ground, row: 'L6', what: 'killed waiter' } as const
    const found = await killedWaiters(ground, { times, within: soon, inTurn: false })
    expect(reported(task, subject, found)).toEqual([])
  })
})
