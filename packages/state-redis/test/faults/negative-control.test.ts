import { join } from 'node:path'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import { faultsOfHolds, faultsOfOrder, faultsOfSum } from './checks.ts'
import { readHistory } from './history.ts'
import { leave, startMembers } from './members.ts'
import { patience } from './rounds.ts'
import { stopAndWrite } from './stale-write.ts'

await withServer('the negative control', startOwnRedis, ({ url }) => {
  test('the judges of these tests convict SET NX PX and values that are read and then written', patience, async () => {
    await using folder = await temporaryFolder()
    await using members = await startMembers(3, { url }, 'naive')
    const [holder, newer] = members
    if (holder === undefined || newer === undefined) throw new Error('there are too few members')
    const outcome = await stopAndWrite({ holder, newer, name: 'stale' }, 'before it writes')
    expect(outcome).toMatchObject({ answer: { applied: true }, value: 'stale' })

    const contest = { lock: 'contest', entry: 'contest', holds: 5, callers: 1, ttl: 20, work: 60 }
    const holds = (await Promise.all(members.map((member) => member.ask('contend', contest)))).flat()
    expect(faultsOfHolds(holds)).toContainEqual(expect.stringContaining('two held the lock at once'))
    expect(faultsOfHolds(holds)).toContainEqual(expect.stringContaining('a write was lost'))

    await members[0]?.ask('call', { do: 'counters.set', name: 'sum', value: 0 })
    const load = { call: 'add', names: ['sum'], callers: 1 } as const
    await Promise.all(members.map((member, i) => member.ask('begin', { ...load, file: join(folder.path, `${i}`) })))
    const judge = async (): Promise<string[]> => {
      const operations = await readHistory(folder.path)
      return [...faultsOfSum(operations, { total: operations.length }), ...faultsOfOrder(operations)]
    }
    await expect.poll(judge).toContainEqual(expect.stringContaining('answers'))
    await expect.poll(judge).toContainEqual(expect.stringContaining('one began after the other had ended'))
    await Promise.all(members.map((member) => member.ask('stop')))
    await leave(...members)
  })
})
