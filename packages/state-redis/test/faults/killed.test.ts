import { reported } from '@lockstep/testing/faults/findings'
import { killedHolders, killedWaiters } from '@lockstep/testing/faults/killed'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

const times = rounds(50)

/** Of the leases of those that are killed; milliseconds, as all times here. */
const ttl = 400
/** From the moment that the lock is free. */
const soon = 200

await withServer('the death of a process', startOwnRedis, (server) => {
  const ground = groundOf(server, { cohort: 0 })

  test(
    'when a holder is killed the first waiter has the lock within the ttl, and the others in order',
    patience,
    async ({ task }) => {
      const subject = { on: ground, row: 'L6', what: 'killed holder' } as const
      const found = await killedHolders(ground, { times, ttl, within: ttl + soon })
      expect(reported(task, subject, found)).toEqual([])
    },
  )

  test(
    'when the first waiter is killed the next is served at once, and the others in order',
    patience,
    async ({ task }) => {
      const subject = { on: ground, row: 'L6', what: 'killed waiter' } as const
      expect(reported(task, subject, await killedWaiters(ground, { times, within: soon }))).toEqual([])
    },
  )
})
