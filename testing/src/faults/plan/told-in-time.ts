import { reported } from '../findings.ts'
import { breakAndRefuse } from '../ground.ts'
import { patience, rounds } from '../rounds.ts'
import { type Outage, outlived, toldInTime } from '../told-in-time.ts'
import type { FaultProxy } from '../../proxy.ts'
import { expect, test } from 'vitest'
import { withServer } from '../../with-server.ts'
import { type OwnServer, type ServerKind, startEach } from './servers.ts'

const times = rounds(20)

const mend = (proxy: FaultProxy): void => proxy.heal()
const refused: Outage = { what: 'connections are broken and refused', strike: breakAndRefuse, mend }
const outages: readonly Partial<Outage>[] = [
  { what: 'the connection is a black hole', strike: (proxy) => proxy.halfOpen(), mend },
  refused,
  { what: 'the server stands still' },
]

/** L3: a holder is told before its lease ends, whatever has come between it and the server. */
export async function holdersAreTold<Server extends OwnServer>({ start, groundOf }: ServerKind<Server>): Promise<void> {
  await withServer(
    'outages',
    () => startEach(start, outages),
    ({ started }) => {
      test.concurrent.for(started)(
        'holders are told before their leases end when $what',
        patience,
        async ({ server, what = '', ...harm }, { task }) => {
          const ground = groundOf(server)
          const standstill = { strike: () => ground.pause(), mend: () => ground.resume() }
          const outage = { what, ...standstill, ...harm }
          const subject = { on: ground, row: 'L3', what } as const
          expect(reported(task, subject, await toldInTime(ground, outage, times))).toEqual([])
        },
      )

      test.concurrent('leases outlive an outage that is shorter than they are', patience, async ({ task }) => {
        const [first] = started
        if (first === undefined) throw new Error('there is no server')
        const ground = groundOf(first.server)
        const subject = { on: ground, row: 'L3', what: 'a short outage' } as const
        expect(reported(task, subject, await outlived(ground, refused, times))).toEqual([])
      })
    },
  )
}
