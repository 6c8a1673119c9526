import { reported } from '@lockstep/testing/faults/findings'
import { breakAndRefuse } from '@lockstep/testing/faults/ground'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { type Outage, outlived, toldInTime } from '@lockstep/testing/faults/told-in-time'
import type { FaultProxy } from '@lockstep/testing/proxy'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'
import { startEach } from './servers.ts'

const times = rounds(20)

const mend = (proxy: FaultProxy): void => proxy.heal()
const refused: Outage = { what: 'connections are broken and refused', strike: breakAndRefuse, mend }
const outages: readonly Partial<Outage>[] = [
  { what: 'the connection is a black hole', strike: (proxy) => proxy.halfOpen(), mend },
  refused,
  { what: 'the server stands still' },
]

await withServer(
  'outages',
  () => startEach(outages),
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
