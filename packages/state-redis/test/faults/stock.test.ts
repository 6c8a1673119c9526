import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startFaultProxy } from '@lockstep/testing/proxy'
import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import type { Load } from '../fixtures/load.ts'
import { withServer } from '../with-server.ts'
import { faultsOfOrder, faultsOfSum } from './checks.ts'
import { isUnknown, readHistory } from './history.ts'
import { leave, type Member, startMember, startMembers, through } from './members.ts'
import { patience, rounds } from './rounds.ts'

const sellers = 16
const initial = rounds(20_000)
const stock = 'stock'

await withServer('stock', startOwnRedis, (server) => {
  test('sixteen sellers never sell more than there is, though some are stopped or killed', patience, async () => {
    await using folder = await temporaryFolder()
    await using proxy = await startFaultProxy({ port: server.port })
    await using team = await startMembers(sellers, through(proxy))
    await using watcher = await startMember({ url: server.url })
    await watcher.ask('call', { do: 'counters.set', name: stock, value: initial })
    const load = (who: string, call: Load['call']): Load => {
      return { file: join(folder.path, who), call, names: [stock], callers: 1, pause: 10 }
    }
    await watcher.ask('begin', load('watcher', 'get'))
    await Promise.all(team.map((seller, index) => seller.ask('begin', load(`${index}`, 'take'))))
    // Of each four sellers the first is killed, and the second stopped for a while.
    for (let index = 0; index < sellers; index += 4) {
      const [first, second] = team.slice(index, index + 2)
      await second?.stop()
      if (index % 8 === 0) proxy.reset()
      else proxy.loseNextReply()
      if (first !== undefined) await killWhileItSells(first, server)
      second?.resume()
    }
    const survivors = team.filter((_, index) => index % 4 !== 0)
    await Promise.all(survivors.map((seller) => seller.ask('done')))
    await watcher.ask('stop')

    const operations = await readHistory(folder.path)
    const left = Number(await watcher.ask('call', { do: 'counters.get', name: stock }))
    const readings = operations.flatMap(({ call, value }) => (call === 'get' ? [Number(value)] : []))
    expect(Math.min(...readings, left)).toBe(0)
    const sold = operations.filter(({ call, value }) => call === 'take' && typeof value === 'number')
    expect(sold.length).toBeLessThanOrEqual(initial)
    expect(operations.filter(isUnknown).length).toBeGreaterThan(0)
    expect(faultsOfSum(operations, { total: initial - left })).toEqual([])
    expect(faultsOfOrder(operations, (value) => initial - (value ?? 0))).toEqual([])
    await leave(watcher, ...survivors)
  })
})

/** When its request has gone out, so that nobody learns what became of it. */
async function killWhileItSells(seller: Member, server: OwnRedisServer): Promise<void> {
  await server.pause()
  // Longer than a seller pauses.
  await sleep(50)
  await seller.kill()
  server.resume()
  // The others go on selling.
  await sleep(100)
}
