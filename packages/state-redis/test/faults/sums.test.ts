import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FaultProxy, startFaultProxy } from '@lockstep/testing/proxy'
import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import { faultsOfOrder, faultsOfPatience, faultsOfSum } from './checks.ts'
import { isAcknowledged, isUnknown, type Operation, readHistory } from './history.ts'
import { leave, type Member, startMembers, through } from './members.ts'
import { patience, rounds } from './rounds.ts'

/** In each process. */
const callers = 3

const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

await withServer(
  'sums',
  () => startOwnRedis(durable),
  (server) => {
    test(
      'every change is acknowledged and made once, whatever happens to replies, connections and the server',
      patience,
      async () => {
        const harms = [brokenConnections, lostReply, brokenConnections, killedServer]
        const { operations, total } = await underHarm(server, harms, { processes: 8, timeout: 10_000 })
        expect(operations.filter((operation) => !isAcknowledged(operation))).toEqual([])
        expect(faultsOfSum(operations, { total })).toEqual([])
        expect(faultsOfOrder(operations)).toEqual([])
      },
    )

    test(
      'what callers are not told of who give up early is counted as unknown, and nothing else',
      patience,
      async () => {
        const timeout = 100
        const harms = [silence, killedServer, lostReply]
        const { operations, total } = await underHarm(server, harms, { processes: 4, timeout })
        expect(operations.some(isUnknown)).toBe(true)
        expect(faultsOfSum(operations, { total })).toEqual([])
        expect(faultsOfOrder(operations)).toEqual([])
        // What a busy machine may add.
        expect(faultsOfPatience(operations, timeout + 1_000)).toEqual([])
      },
    )
  },
)

type Harm = (proxy: FaultProxy, server: OwnRedisServer) => Promise<void> | void

/** Processes add to one counter through a proxy while faults come one after the other; what they were told, and what the counter is at the end. */
async function underHarm(
  server: OwnRedisServer,
  harms: readonly Harm[],
  { processes, timeout }: { processes: number; timeout: number },
): Promise<{ operations: Operation[]; total: number }> {
  await using folder = await temporaryFolder()
  await using proxy = await startFaultProxy({ port: server.port })
  await using members = await startMembers(processes, through(proxy))
  const names = [`timeout ${timeout}`]
  await Promise.all(
    members.map((member, index) =>
      member.ask('begin', { file: join(folder.path, `${index}`), call: 'add', names, callers, timeout, pause: 1 }),
    ),
  )
  const times = Math.max(harms.length, rounds(40))
  for (let round = 0; round < times; round += 1) {
    // The time between two faults.
    await sleep(300)
    await harms[round % harms.length]?.(proxy, server)
  }
  await Promise.all(members.map((member) => member.ask('stop')))
  const total = await valueOf(members[0], names[0] ?? '')
  await leave(...members)
  return { operations: await readHistory(folder.path), total }
}

function brokenConnections(proxy: FaultProxy): void {
  proxy.reset()
}

function lostReply(proxy: FaultProxy): void {
  proxy.loseNextReply()
}

async function killedServer(_: FaultProxy, server: OwnRedisServer): Promise<void> {
  await server.kill()
  await server.restart()
}

async function silence(proxy: FaultProxy): Promise<void> {
  proxy.loseReplies()
  // The silence itself.
  await sleep(250)
  proxy.heal()
}

async function valueOf(member: Member | undefined, name: string): Promise<number> {
  return (await member?.ask('call', { do: 'counters.get', name })) as number
}
