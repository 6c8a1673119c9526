import { contention } from '@lockstep/testing/faults/contention'
import { patience } from '@lockstep/testing/faults/rounds'
import { staleWrites } from '@lockstep/testing/faults/stale-write'
import { sums } from '@lockstep/testing/faults/sums'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import { groundOf, naiveOn } from './ground.ts'

await withServer('the negative control', startOwnRedis, (server) => {
  const direct = naiveOn(server.url)

  test('a stale write of a holder of SET NX PX is seen to be applied', patience, async () => {
    const found = await staleWrites({ direct }, { moment: 'before it writes', times: 1 })
    expect(found.violations).toContainEqual(expect.stringContaining('a stale write was applied'))
    expect(found.left.violations).toEqual([])
  })

  test('holders of SET NX PX are seen to hold at once, and their writes to be lost', patience, async () => {
    const { violations } = await contention(
      { direct },
      { processes: 3, holders: 15, name: 'contest', ttl: 20, work: 60 },
    )
    expect(violations).toContainEqual(expect.stringContaining('two held the lock at once'))
    expect(violations).toContainEqual(expect.stringContaining('a write was lost'))
  })

  test('values that are read and then written are seen not to add up', patience, async () => {
    const ground = groundOf(server)
    const way: typeof ground.way = async () => ({ ...(await ground.way()), choice: direct })
    const found = await sums(
      { ...ground, direct, way },
      { processes: 3, timeout: 1_000, patient: true, harms: [], times: 3 },
    )
    expect(found.violations).toContainEqual(expect.stringContaining('answers'))
    expect(found.violations).toContainEqual(expect.stringContaining('one began after the other had ended'))
  })
})
