import { contention } from '@lockstep/testing/faults/contention'
import { lostReplies } from '@lockstep/testing/faults/ghosts'
import type { Ground } from '@lockstep/testing/faults/ground'
import { line } from '@lockstep/testing/faults/line'
import { patience } from '@lockstep/testing/faults/rounds'
import { staleWrites } from '@lockstep/testing/faults/stale-write'
import { sums } from '@lockstep/testing/faults/sums'
import { startFaultProxy } from '@lockstep/testing/proxy'
import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf, naiveOn } from './ground.ts'

await withServer('the negative control', startOwnRedis, (server) => {
  const ground = naiveGroundOf(server)

  test('a stale write of a holder of SET NX PX is seen to be applied', patience, async () => {
    const found = await staleWrites(ground, { moment: 'before it writes', times: 1 })
    expect(found.violations).toContainEqual(expect.stringContaining('a stale write was applied'))
    expect(found.left?.violations).toEqual([])
  })

  test('holders of SET NX PX are seen to hold at once, and their writes to be lost', patience, async () => {
    // The holder’s own timers have to be in time, on a busy machine too: here it is the key alone that ends too early.
    const contest = { processes: 3, callers: 1, holders: 6, name: 'contest', ttl: 400, work: 600 }
    const { violations } = await contention(ground, contest)
    expect(violations).toContainEqual(expect.stringContaining('two held the lock at once'))
    expect(violations).toContainEqual(expect.stringContaining('a write was lost'))
  })

  test('the lock of a SET NX PX whose reply was lost is seen to haunt', patience, async () => {
    const { violations } = await lostReplies(ground, 1, 1_000)
    expect(violations).toContainEqual(expect.stringContaining('took more than'))
  })

  test('values that are read and then written are seen not to add up', patience, async () => {
    const { violations } = await sums(ground, { processes: 3, timeout: 1_000, patient: true, harms: [], times: 3 })
    expect(violations).toContainEqual(expect.stringContaining('answers'))
    expect(violations).toContainEqual(expect.stringContaining('one began after the other had ended'))
  })

  test('a stock that is read and then written is seen to have no order', patience, async () => {
    const { violations } = await line(ground, { calls: 500, harms: [] })
    expect(violations).toContainEqual(expect.stringContaining('answers'))
    expect(violations).toContainEqual(expect.stringContaining('one began after the other had ended'))
  })
})

function naiveGroundOf(server: OwnRedisServer): Ground {
  return {
    ...groundOf(server),
    direct: naiveOn(server.url),
    way: async () => {
      const proxy = await startFaultProxy({ port: server.port })
      const choice = naiveOn(`redis://${proxy.host}:${proxy.port}`)
      return { proxy, choice, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() }
    },
  }
}
