import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import { faultsOfHolds } from './checks.ts'
import { leave, startMembers } from './members.ts'
import { patience, rounds } from './rounds.ts'

/** In each process. */
const callers = 3

await withServer('fencing', startOwnRedis, ({ url }) => {
  test.for([
    { processes: 8, cohort: 8, holders: 5_000, order: 'handed on within each' },
    { processes: 4, cohort: 0, holders: 2_000, order: 'in order of arrival' },
  ])(
    '$processes processes hold a lock one at a time, each with a greater token and the last value, $order',
    patience,
    async ({ processes, cohort, holders }) => {
      await using members = await startMembers(processes, { url, cohort })
      const name = `cohort ${cohort}`
      const holds = Math.ceil(rounds(holders) / processes / callers)
      const contest = { lock: name, entry: name, holds, callers, ttl: 5_000 }
      const all = (await Promise.all(members.map((member) => member.ask('contend', contest)))).flat()
      // Every caller was told of its grant, or one of these would be missing.
      expect(all).toHaveLength(holds * callers * processes)
      expect(faultsOfHolds(all)).toEqual([])
      await leave(...members)
    },
  )
})
