import { reported } from '../findings.ts'
import { givenUp, lostReplies, lostRequests } from '../ghosts.ts'
import { patience, rounds } from '../rounds.ts'
import type { FaultProxy } from '../../proxy.ts'
import { expect, test } from 'vitest'
import { withServer } from '../../with-server.ts'
import type { Harm } from '../ground.ts'
import type { OwnServer, ServerKind } from './servers.ts'

const times = rounds(50)

/** L4: a lost request or reply leaves no lock behind. `loseReply`: how the reply is lost of which its caller hears no more. */
export async function nothingIsLeftBehind<Server extends OwnServer>(
  { start, groundOf }: ServerKind<Server>,
  loseReply: Harm,
): Promise<void> {
  await withServer('no ghosts', start, (server) => {
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
      { what: 'reply was', waiters: 1, strike: loseReply },
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
}
