import { reported } from '../findings.ts'
import { jumpingClock, jumps } from '../jumping-clock.ts'
import { expect, test } from 'vitest'
import { withServer } from '../../with-server.ts'
import type { OwnServer, ServerKind } from './servers.ts'

/** L3: a lease does not go by the wall clock of its holder. */
export async function clocksJump<Server extends OwnServer>({ start, groundOf }: ServerKind<Server>): Promise<void> {
  await withServer('clocks of clients', start, (server) => {
    const ground = groundOf(server)

    test.concurrent.for(jumps)(
      'a lease is held and ends as ever when the wall clock of its holder jumps by %d ms',
      async (jump, { task }) => {
        const subject = { on: ground, row: 'L3', what: `the wall clock jumps by ${jump} ms` } as const
        expect(reported(task, subject, await jumpingClock(ground, jump))).toEqual([])
      },
    )
  })
}
