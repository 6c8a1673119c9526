import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { lateWrites, moments, staleWrites } from '@lockstep/testing/faults/stale-write'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

const times = rounds(30)

await withServer('two writers', startOwnRedis, (server) => {
  const ground = groundOf(server)

  test.concurrent.for(moments)(
    'no write of a holder that is stopped %s is applied',
    patience,
    async (moment, { task }) => {
      const subject = { on: ground, row: 'L2', what: `stopped ${moment}` } as const
      expect(reported(task, subject, await staleWrites(ground, { moment, times }))).toEqual([])
    },
  )

  test.concurrent('no write that arrives when the lease has ended is applied', patience, async ({ task }) => {
    const subject = { on: ground, row: 'L2', what: 'a write that is late' } as const
    expect(reported(task, subject, await lateWrites(ground, { times }))).toEqual([])
  })
})
