import { type FaultProxy, startFaultProxy } from '@lockstep/testing/proxy'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test, vi } from 'vitest'
import { withServer } from '../with-server.ts'
import { faultsOfSpeed, type Timed } from './checks.ts'
import { leave, startMember, through } from './members.ts'
import { patience, rounds } from './rounds.ts'

const times = rounds(30)

/** Long enough that a waiter who only looks at its clock is seen. Milliseconds, as all times here. */
const ttl = 20_000
/** From the moment that the connection is back. */
const soon = 500

await withServer('missed wake-ups', startOwnRedis, ({ url, port }) => {
  test.concurrent.for([
    { what: 'was broken', strike: breakAndRefuse },
    { what: 'was a black hole', strike: (proxy: FaultProxy) => proxy.halfOpen() },
  ])(
    'a waiter whose connection $what when the lock was released has it soon after',
    patience,
    async ({ what, strike }) => {
      await using proxy = await startFaultProxy({ port })
      await using holder = await startMember({ url })
      await using waiter = await startMember(through(proxy))
      const timed: Timed[] = []
      for (let round = 1; round <= times; round += 1) {
        const name = `${what} ${round}`
        const token = await holder.ask('acquire', name, { ttl })
        const next = waiter.ask('acquire', name, { ttl, wait: ttl })
        const standing = (): Promise<unknown> => holder.ask('call', { do: 'locks.inspect', name })
        await vi.waitFor(async () => expect(await standing()).toMatchObject({ waiters: 1 }))
        strike(proxy)
        await holder.ask('release', token)
        proxy.heal()
        const back = performance.now()
        await waiter.ask('release', await next)
        timed.push({ what: name, took: performance.now() - back })
      }
      expect(faultsOfSpeed(timed, soon)).toEqual([])
      await leave(holder, waiter)
    },
  )
})

function breakAndRefuse(proxy: FaultProxy): void {
  proxy.refuse()
  proxy.reset()
}
