import { reported } from '../findings.ts'
import { breakAndRefuse } from '../ground.ts'
import { missedWakes } from '../missed-wakes.ts'
import { patience, rounds } from '../rounds.ts'
import type { FaultProxy } from '../../proxy.ts'
import { expect, test } from 'vitest'
import { withServer } from '../../with-server.ts'
import type { OwnServer, ServerKind } from './servers.ts'

const times = rounds(30)

/** L6: a waiter that did not hear of its turn has it soon all the same. */
export async function waitersMissWakes<Server extends OwnServer>({
  start,
  groundOf,
}: ServerKind<Server>): Promise<void> {
  await withServer('missed wake-ups', start, (server) => {
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
}
