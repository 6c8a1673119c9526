import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import { violationsOfOrder, violationsOfSum } from '../histories/counting.ts'
import { isUnknown } from '../histories/operation.ts'
import { readHistory } from '../histories/read.ts'
import type { Load } from '../members/load.ts'
import { leave, type Member, startMember, startMembers } from '../members/members.ts'
import { temporaryFolder } from '../tmp.ts'
import type { Findings } from './findings.ts'
import type { Ground } from './ground.ts'

const sellers = 16
const name = 'stock'

/** Sixteen processes sell what there is until it is sold out. Of each four one is killed, and one stopped for a while, and their connections are harmed. */
export async function stock(ground: Ground, initial: number): Promise<Findings> {
  await using folder = await temporaryFolder()
  await using way = await ground.way()
  await using team = await startMembers(sellers, way.choice)
  await using watcher = await startMember(ground.direct)
  await watcher.ask('call', { do: 'counters.set', name, value: initial })
  const load = (client: string, call: StateCall): Load => {
    return { file: join(folder.path, client), client, clients: [[call]], pause: 10 }
  }
  await watcher.ask('begin', load('watcher', { do: 'counters.get', name }))
  const take: StateCall = { do: 'counters.take', name, n: 1 }
  await Promise.all(team.map((seller, index) => seller.ask('begin', load(`${index}`, take))))
  for (let index = 0; index < sellers; index += 4) {
    const [first, second] = team.slice(index, index + 2)
    await second?.stop()
    if (index % 8 === 0) way.proxy.reset()
    else way.proxy.loseNextReply()
    if (first !== undefined) await killWhileItSells(first, ground)
    second?.resume()
  }
  const survivors = team.filter((_, index) => index % 4 !== 0)
  await Promise.all(survivors.map((seller) => seller.ask('done')))
  await watcher.ask('stop')

  const operations = await readHistory(folder.path)
  const left = Number(await watcher.ask('call', { do: 'counters.get', name }))
  const readings = operations.flatMap(({ call, answer }) => (call.do === 'counters.get' ? [Number(answer)] : []))
  const least = Math.min(...readings, left)
  const unknown = operations.filter(isUnknown).length
  const counted = { operations, stock: initial }
  const violations = [
    ...(least === 0 ? [] : [`the stock was ${least} at its least`]),
    ...(unknown > 0 ? [] : ['nothing is unknown: no seller was killed between a request and its answer']),
    ...violationsOfSum(counted, { total: initial - left }),
    ...violationsOfOrder(counted),
  ]
  // A seller killed, a seller stopped, and a connection harmed, for each four.
  const faults = (sellers / 4) * 3
  return {
    operations: operations.length,
    faults,
    indeterminate: unknown,
    violations,
    left: await leave(watcher, ...survivors),
  }
}

/** When its request has gone out, so that nobody learns what became of it. */
async function killWhileItSells(seller: Member, ground: Ground): Promise<void> {
  await ground.pause()
  // Longer than a seller pauses.
  await sleep(50)
  await seller.kill()
  ground.resume()
  // The others go on selling.
  await sleep(100)
}
