import { reported } from '../findings.ts'
import { patience, rounds } from '../rounds.ts'
import { stock } from '../stock.ts'
import { expect, test } from 'vitest'
import { withServer } from '../../with-server.ts'
import type { OwnServer, ServerKind } from './servers.ts'

/** C2: stock is never sold twice. */
export async function stockIsSoldOnce<Server extends OwnServer>({
  start,
  groundOf,
}: ServerKind<Server>): Promise<void> {
  await withServer('stock', start, (server) => {
    const ground = groundOf(server)

    test(
      'sixteen sellers never sell more than there is, though some are stopped or killed',
      patience,
      async ({ task }) => {
        const subject = { on: ground, row: 'C2', what: 'killed and stopped sellers' } as const
        expect(reported(task, subject, await stock(ground, rounds(20_000)))).toEqual([])
      },
    )
  })
}
