import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { subjectOf } from './ground.ts'
import { moments, staleCommits } from './stale-commits.ts'

const times = rounds(30)
const guards = ['the lock', 'a resource'] as const
const cases = guards.flatMap((guard) => moments.map((moment) => ({ guard, moment })))

await withServer('stale commits', startOwnMysql, (server) => {
  test.concurrent.for(cases)(
    'no transaction of a stale holder is committed that is stopped $moment, guarded by $guard',
    patience,
    async ({ guard, moment }, { task }) => {
      const found = await staleCommits(server, { guard, moment, times })
      const what = `transaction stopped ${moment}, guarded by ${guard}`
      expect(reported(task, { on: subjectOf(server), row: 'L2', what }, found)).toEqual([])
    },
  )

  test.concurrent('a stale commit of a transaction without a guard is seen', patience, async () => {
    const { violations } = await staleCommits(server, { guard: 'nothing', moment: 'before its statement', times: 1 })
    expect(violations).toContainEqual(expect.stringContaining('a stale commit was applied'))
  })
})
