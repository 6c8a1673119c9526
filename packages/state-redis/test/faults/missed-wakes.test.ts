import { reported } from '@lockstep/testing/faults/findings'
import { breakAndRefuse } from '@lockstep/testing/faults/ground'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { type Timed, violationsOfSpeed } from '@lockstep/testing/histories/judges'
import { leave, startMember } from '@lockstep/testing/members/members'
import type { FaultProxy } from '@lockstep/testing/proxy'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test, vi } from 'vitest'
import { withServer } from '../with-server.ts'
import { groundOf } from './ground.ts'

const times = rounds(30)

/** Long enough that a waiter who only looks at its clock is seen. Milliseconds, as all times here. */
const ttl = 20_000
/** From the moment that the connection is back. */
const soon = 500

await withServer('missed wake-ups', startOwnRedis, (server) => {
  const ground = groundOf(server)

  test.concurrent.for([
    { what: 'was broken', strike: breakAndRefuse },
    { what: 'was a black hole', strike: (proxy: FaultProxy) => proxy.halfOpen() },
  ])(
    'a waiter whose connection $what when the lock was released has it soon after',
    patience,
    async ({ what, strike }, { task }) => {
      await using way = await ground.way()
      await using holder = await startMember(ground.direct)
      await using waiter = await startMember(way.choice)
      const timed: Timed[] = []
      for (let round = 1; round <= times; round += 1) {
        const name = `${what} ${round}`
        const token = await holder.ask('acquire', name, { ttl })
        const next = waiter.ask('acquire', name, { ttl, wait: ttl })
        const standing = (): Promise<unknown> => holder.ask('call', { do: 'locks.inspect', name })
        await vi.waitFor(async () => expect(await standing()).toMatchObject({ waiters: 1 }))
        strike(way.proxy)
        await holder.ask('release', token)
        way.proxy.heal()
        const back = performance.now()
        await waiter.ask('release', await next)
        timed.push({ what: name, took: performance.now() - back })
      }
      const subject = { on: ground, row: 'L6', what: `missed wake-up, the connection ${what}` } as const
      const violations = violationsOfSpeed(timed, soon)
      const left = await leave(holder, waiter)
      const found = { operations: times, faults: times, indeterminate: 0, violations, left }
      expect(reported(task, subject, found)).toEqual([])
    },
  )
})
