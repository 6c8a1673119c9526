import { setTimeout as sleep } from 'node:timers/promises'
import { reported } from '@lockstep/testing/faults/findings'
import { leave, startJumpingMember, startMember } from '@lockstep/testing/members/members'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import { groundOf } from './ground.ts'

const hour = 3_600_000
/** Milliseconds. */
const ttl = 600

await withServer('clocks of clients', startOwnRedis, (server) => {
  const ground = groundOf(server)

  test.concurrent.for([-hour, hour])(
    'a lease is held and ends as ever when the wall clock of its holder jumps by %d ms',
    async (jump, { task }) => {
      await using way = await ground.way()
      await using holder = await startJumpingMember(way.choice)
      await using other = await startMember(ground.direct)
      const name = `jump ${jump}`
      const token = await holder.ask('keep', name, ttl)
      expect(Math.abs((await holder.ask('jump', jump)) - Date.now() - jump)).toBeLessThan(hour / 2)
      // Twice the ttl: extensions have to come in time.
      await sleep(2 * ttl)
      expect(await holder.ask('keeps', name)).toBe(true)
      expect(await holder.ask('call', { do: 'locks.inspect', name })).toMatchObject({ held: true, token })
      expect(await holder.ask('call', { do: 'counters.add', name, delta: 1 })).toMatchObject({ value: 1 })

      way.proxy.halfOpen()
      const next = other.ask('acquire', name, { ttl })
      expect(await holder.ask('ending', name)).toMatchObject({ toldInTime: true, code: 'LOCKSTEP_LEASE_LOST' })
      expect(await next).toBeGreaterThan(token)
      way.proxy.heal()
      const left = await leave(holder, other)
      const subject = { on: ground, row: 'L3', what: `the wall clock jumps by ${jump} ms` } as const
      const found = { operations: 1, faults: 1, indeterminate: 0, violations: [], left }
      expect(reported(task, subject, found)).toEqual([])
    },
  )
})
