import { reported } from '../findings.ts'
import { patience, rounds } from '../rounds.ts'
import { lateWrites, moments, staleWrites } from '../stale-write.ts'
import { expect, test } from 'vitest'
import { withServer } from '../../with-server.ts'
import type { OwnServer, ServerKind } from './servers.ts'

const times = rounds(30)

/** L2: stale writes are refused. */
export async function twoWriters<Server extends OwnServer>({ start, groundOf }: ServerKind<Server>): Promise<void> {
  await withServer('two writers', start, (server) => {
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
}
