import { setTimeout as sleep } from 'node:timers/promises'
import { type FaultProxy, startFaultProxy } from '@lockstep/testing/proxy'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test, vi } from 'vitest'
import { withServer } from '../with-server.ts'
import { faultsOfSpeed, type Timed } from './checks.ts'
import { leave, type Member, startMember, through } from './members.ts'
import { patience, rounds } from './rounds.ts'

const times = rounds(50)

/** Long enough that a lock that nobody holds is seen. Milliseconds, as all times here. */
const ttl = 20_000
/** From the moment that the connection is back. */
const soon = 500

await withServer('no ghosts', startOwnRedis, ({ url, port }) => {
  test.concurrent('an acquire whose reply is lost gets its grant all the same', patience, async () => {
    await using proxy = await startFaultProxy({ port })
    await using caller = await startMember(through(proxy))
    const timed: Timed[] = []
    for (let round = 1; round <= times; round += 1) {
      const name = `lost reply ${round}`
      await connected(caller)
      proxy.loseNextReply()
      const asked = performance.now()
      const token = await caller.ask('acquire', name, { ttl })
      timed.push({ what: name, took: performance.now() - asked })
      expect(await inspect(caller, name)).toMatchObject({ held: true, token })
    }
    expect(faultsOfSpeed(timed, soon)).toEqual([])
    await leave(caller)
  })

  test.concurrent('an acquire whose request is lost gets the lock once the connection is back', patience, async () => {
    await using proxy = await startFaultProxy({ port })
    await using caller = await startMember(through(proxy))
    const timed: Timed[] = []
    for (let round = 1; round <= times; round += 1) {
      const name = `lost request ${round}`
      await connected(caller)
      proxy.halfOpen()
      const asked = caller.ask('acquire', name, { ttl })
      // Until the request has gone into the hole; nothing tells.
      await sleep(50)
      proxy.heal()
      const back = performance.now()
      await asked
      timed.push({ what: name, took: performance.now() - back })
    }
    expect(faultsOfSpeed(timed, soon)).toEqual([])
    await leave(caller)
  })

  test.concurrent.for([
    { what: 'reply was', waiters: 1, strike: carryOutAndRefuse },
    { what: 'request was', waiters: 0, strike: (proxy: FaultProxy) => proxy.halfOpen() },
  ])('a caller that gave up when its $what lost leaves no lock behind', patience, async ({ what, waiters, strike }) => {
    await using proxy = await startFaultProxy({ port })
    await using caller = await startMember(through(proxy))
    await using other = await startMember({ url })
    const timed: Timed[] = []
    for (let round = 1; round <= times; round += 1) {
      const name = `given up, ${what} lost, ${round}`
      await connected(caller)
      strike(proxy)
      await expect(caller.ask('acquire', name, { ttl, wait: 0, timeout: 150 })).rejects.toMatchObject({
        code: 'LOCKSTEP_UNAVAILABLE',
      })
      const next = other.ask('acquire', name, { ttl, wait: ttl })
      // It is held in either case: by nobody, and then the other one waits, or by the other one.
      await vi.waitFor(async () => expect(await inspect(other, name)).toMatchObject({ held: true, waiters }))
      proxy.heal()
      const back = performance.now()
      await next
      timed.push({ what: name, took: performance.now() - back })
    }
    expect(faultsOfSpeed(timed, soon)).toEqual([])
    await leave(caller, other)
  })
})

/** The server carries the next request out, and cannot be reached from then on. */
function carryOutAndRefuse(proxy: FaultProxy): void {
  proxy.loseNextReply()
  proxy.refuse()
}

/** Over the new connection, if the fault of the last round has broken the old one. */
async function connected(member: Member): Promise<void> {
  await member.ask('call', { do: 'counters.get', name: 'anything' })
}

function inspect(member: Member, name: string): Promise<unknown> {
  return member.ask('call', { do: 'locks.inspect', name })
}
