import { setTimeout as sleep } from 'node:timers/promises'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test, vi } from 'vitest'
import { withServer } from '../with-server.ts'
import { faultsOfSpeed, type Timed } from './checks.ts'
import { leave, type Member, startMember, startMembers } from './members.ts'
import { patience, rounds } from './rounds.ts'

const times = rounds(50)

/** Of the leases of those that are killed; milliseconds, as all times here. */
const ttl = 400
/** From the moment that the lock is free. */
const soon = 200

await withServer('the death of a process', startOwnRedis, ({ url }) => {
  test(
    'when a holder is killed the first waiter has the lock within the ttl, and the others in order',
    patience,
    async () => {
      await using waiters = await startMembers(4, { url, cohort: 0 })
      const timed: Timed[] = []
      for (let round = 1; round <= times; round += 1) {
        const name = `killed holder ${round}`
        await using holder = await startMember({ url, cohort: 0 })
        await holder.ask('acquire', name, { ttl })
        const { granted, order } = await queue(waiters, name)
        await holder.kill()
        const killed = performance.now()
        await granted[0]
        timed.push({ what: name, took: performance.now() - killed })
        await Promise.all(granted)
        expect({ name, order }).toEqual({ name, order: [0, 1, 2, 3] })
      }
      expect(faultsOfSpeed(timed, ttl + soon)).toEqual([])
      await leave(...waiters)
    },
  )

  test('when the first waiter is killed the next is served at once, and the others in order', patience, async () => {
    await using waiters = await startMembers(3, { url, cohort: 0 })
    await using holder = await startMember({ url, cohort: 0 })
    const timed: Timed[] = []
    for (let round = 1; round <= times; round += 1) {
      const name = `killed waiter ${round}`
      await using victim = await startMember({ url, cohort: 0 })
      const token = await holder.ask('acquire', name, { ttl: 20_000 })
      const unheard = await queue([victim], name)
      unheard.granted[0]?.catch(() => {})
      const { granted, order } = await queue(waiters, name)
      await victim.kill()
      // A moment for the server to see the end of its connection; nothing tells.
      await sleep(50)
      const released = performance.now()
      await holder.ask('release', token)
      await granted[0]
      timed.push({ what: name, took: performance.now() - released })
      await Promise.all(granted)
      expect({ name, order }).toEqual({ name, order: [0, 1, 2] })
    }
    expect(faultsOfSpeed(timed, soon)).toEqual([])
    await leave(holder, ...waiters)
  })
})

interface Queue {
  /** Each has had the lock and released it at once. */
  readonly granted: readonly Promise<void>[]
  /** Who has had it so far, by its place in the queue. */
  readonly order: readonly number[]
}

/** Let all wait, one behind the other. */
async function queue(members: readonly Member[], name: string): Promise<Queue> {
  const granted: Promise<void>[] = []
  const order: number[] = []
  for (const [index, member] of members.entries()) {
    const before = await waitersOf(member, name)
    const hold = async (): Promise<void> => {
      const token = await member.ask('acquire', name, { ttl: 20_000, wait: 20_000 })
      order.push(index)
      await member.ask('release', token)
    }
    granted.push(hold())
    await vi.waitFor(async () => expect(await waitersOf(member, name)).toBe(before + 1))
  }
  return { granted, order }
}

async function waitersOf(member: Member, name: string): Promise<number> {
  return ((await member.ask('call', { do: 'locks.inspect', name })) as { waiters: number }).waiters
}
