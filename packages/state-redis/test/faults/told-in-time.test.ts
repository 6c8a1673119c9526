import { setTimeout as sleep } from 'node:timers/promises'
import { type FaultProxy, startFaultProxy } from '@lockstep/testing/proxy'
import type { OwnRedisServer } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import type { Ending } from '../fixtures/vigil.ts'
import { withServer } from '../with-server.ts'
import { leave, startMember, through } from './members.ts'
import { patience, rounds } from './rounds.ts'
import { startEach } from './servers.ts'

const times = rounds(20)

/** Milliseconds; an extension is due at a third of each. */
const ttls = [500, 700, 1_000]

/** How late a timer may be on a busy machine, in milliseconds. Whether the abort came before the ttl was over is told by the order of timers, not by this. */
const noise = 500

interface Outage {
  readonly what: string
  readonly strike: (proxy: FaultProxy, server: OwnRedisServer) => Promise<void> | void
  readonly mend: (proxy: FaultProxy, server: OwnRedisServer) => void
}

const outages: readonly Outage[] = [
  {
    what: 'the connection is a black hole',
    strike: (proxy) => proxy.halfOpen(),
    mend: (proxy) => proxy.heal(),
  },
  { what: 'connections are broken and refused', strike: refuse, mend: (proxy) => proxy.heal() },
  {
    what: 'the server stands still',
    strike: (_, server) => server.pause(),
    mend: (_, server) => server.resume(),
  },
]

await withServer(
  'outages',
  () => startEach(outages),
  ({ started }) => {
    test.concurrent.for(started)('holders are told before their leases end when $what', patience, async (outage) => {
      const { what, server, strike, mend } = outage
      await using proxy = await startFaultProxy({ port: server.port })
      await using holder = await startMember(through(proxy))
      await using other = await startMember({ url: server.url })
      const endings: Told[] = []
      for (let round = 1; round <= times; round += 1) {
        const locks = ttls.map((ttl) => ({ ttl, name: `${what} ${round}: ${ttl}` }))
        const tokens = await Promise.all(locks.map(({ name, ttl }) => holder.ask('keep', name, ttl)))
        // So that the fault falls into another phase of the extensions in each round.
        await sleep(((round * 0.382) % 1) * 350)
        expect(await Promise.all(locks.map(({ name }) => holder.ask('keeps', name)))).not.toContain(false)
        await strike(proxy, server)
        for (const lock of locks) endings.push({ ...lock, ...(await holder.ask('ending', lock.name)) })
        mend(proxy, server)
        // By whoever asks, the one who has lost it included.
        const again = await Promise.all(
          locks.map(({ name }, index) => (index % 2 === 0 ? holder : other).ask('acquire', name, { ttl: 2_000 })),
        )
        const grew = again.map((token, index) => token > (tokens[index] ?? token))
        expect({ what, round, grew }).toEqual({ what, round, grew: ttls.map(() => true) })
      }
      expect(endings.filter((ending) => !isInTime(ending))).toEqual([])
      await leave(holder, other)
    })

    test.concurrent('leases outlive an outage that is shorter than they are', patience, async () => {
      await using proxy = await startFaultProxy({ port: started[0]?.server.port ?? 0 })
      await using holder = await startMember(through(proxy))
      const kept: boolean[] = []
      for (let round = 1; round <= times; round += 1) {
        const name = `short outage ${round}`
        await holder.ask('keep', name, 2_000)
        refuse(proxy)
        // The outage itself: an extension falls due in it.
        await sleep(700)
        proxy.heal()
        // The rest of the first ttl, and then some: only an extension lets it last so long.
        await sleep(1_500)
        kept.push(await holder.ask('keeps', name))
        await holder.ask('quit', name)
      }
      expect(kept).not.toContain(false)
      await leave(holder)
    })
  },
)

function refuse(proxy: FaultProxy): void {
  proxy.refuse()
  proxy.reset()
}

interface Told extends Ending {
  readonly name: string
  readonly ttl: number
}

function isInTime({ ttl, toldInTime, toldAfter, code, settledAfter }: Told): boolean {
  return toldInTime && toldAfter < ttl + noise && code === 'LOCKSTEP_LEASE_LOST' && settledAfter < noise
}
