import { setTimeout as sleep } from 'node:timers/promises'
import { startFaultProxy } from '@lockstep/testing/proxy'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import { leave, startJumpingMember, startMember, through } from './members.ts'

const hour = 3_600_000
/** Milliseconds. */
const ttl = 600

await withServer('clocks of clients', startOwnRedis, ({ url, port }) => {
  test.concurrent.for([-hour, hour])(
    'a lease is held and ends as ever when the wall clock of its holder jumps by %d ms',
    async (jump) => {
      await using proxy = await startFaultProxy({ port })
      await using holder = await startJumpingMember(through(proxy))
      await using other = await startMember({ url })
      const name = `jump ${jump}`
      const token = await holder.ask('keep', name, ttl)
      expect(Math.abs((await holder.ask('jump', jump)) - Date.now() - jump)).toBeLessThan(hour / 2)
      // Twice the ttl: extensions have to come in time.
      await sleep(2 * ttl)
      expect(await holder.ask('keeps', name)).toBe(true)
      expect(await holder.ask('call', { do: 'locks.inspect', name })).toMatchObject({ held: true, token })
      expect(await holder.ask('call', { do: 'counters.add', name, delta: 1 })).toMatchObject({ value: 1 })

      proxy.halfOpen()
      const next = other.ask('acquire', name, { ttl })
      expect(await holder.ask('ending', name)).toMatchObject({ toldInTime: true, code: 'LOCKSTEP_LEASE_LOST' })
      expect(await next).toBeGreaterThan(token)
      proxy.heal()
      await leave(holder, other)
    },
  )
})
