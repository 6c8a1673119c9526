import { reported } from '@lockstep/testing/faults/findings'
import { breakAndRefuse } from '@lockstep/testing/faults/ground'
import { missedWakes } from '@lockstep/testing/faults/missed-wakes'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import type { FaultProxy } from '@lockstep/testing/proxy'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

const times = rounds(30)

await withServer('missed wake-ups', startOwnMysql, (server) => {
  const ground = groundOf(server)

  test.concurrent.for([
    { what: 'was broken', strike: breakAndRefuse },
    { what: 'was a black hole', strike: (proxy: FaultProxy) => proxy.halfOpen() },
  ])(
    'a waiter whose connection $what when the lock was released has it soon after',
    patience,
    async ({ what, strike }, { task }) => {
      const subject = { on: ground, row: 'L6', what: `missed wake-up, the connection ${what}` } as const
      expect(reported(task, subject, await missedWakes(ground, { what, strike, times }))).toEqual([])
    },
  )
})
