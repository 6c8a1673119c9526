import { startFaultProxy } from '@lockstep/testing/proxy'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import { leave, startMember, through } from './members.ts'
import { patience, rounds } from './rounds.ts'
import { moments, type Outcome, stopAndWrite, writeLate } from './stale-write.ts'

const times = rounds(30)

await withServer('two writers', startOwnRedis, ({ url, port }) => {
  test.concurrent.for(moments)('no write of a holder that is stopped %s is applied', patience, async (moment) => {
    await using holder = await startMember({ url })
    await using newer = await startMember({ url })
    const outcomes: Outcome[] = []
    for (let round = 1; round <= times; round += 1) {
      outcomes.push(await stopAndWrite({ holder, newer, name: `${moment} ${round}` }, moment))
    }
    const answer = moment === 'before it asks its lease' ? 'not held' : { failed: 'LOCKSTEP_STALE_TOKEN' }
    expect(outcomes).toEqual(outcomes.map(() => ({ answer, value: 'newer' })))
    await leave(holder, newer)
  })

  test.concurrent('no write that arrives when the lease has ended is applied', patience, async () => {
    await using proxy = await startFaultProxy({ port })
    await using holder = await startMember(through(proxy))
    await using newer = await startMember({ url })
    const outcomes: Outcome[] = []
    for (let round = 1; round <= times; round += 1) {
      outcomes.push(await writeLate({ holder, newer, name: `late ${round}` }, proxy))
    }
    expect(outcomes).toEqual(outcomes.map(() => ({ answer: { failed: 'LOCKSTEP_STALE_TOKEN' }, value: 'newer' })))
    await leave(holder, newer)
  })
})
