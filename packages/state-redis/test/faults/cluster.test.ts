import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import { reported } from '@lockstep/testing/faults/findings'
import { patience } from '@lockstep/testing/faults/rounds'
import { violationsOfOrder, violationsOfSum } from '@lockstep/testing/histories/counting'
import { violationsOfPatience } from '@lockstep/testing/histories/judges'
import { isAcknowledged, isUnknown, type Operation } from '@lockstep/testing/histories/operation'
import { readHistory } from '@lockstep/testing/histories/read'
import { leave, type Member, startMembers } from '@lockstep/testing/members/members'
import { now } from '@lockstep/testing/now'
import { type RedisCluster, startRedisCluster } from '@lockstep/testing/servers/redis-cluster'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test, vi } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { redisWith, subjectOf } from './ground.ts'

/** Milliseconds, as all times here. */
const timeout = 1_000
/** What a busy machine may add. */
const noise = 1_000
/** Replication is asynchronous: what the primary acknowledged so shortly before its end may be gone. An answer may be heard a while later. */
const unreplicated = 100
const unheard = 500

/** The others serve their slots while one primary is away. */
const start = (): ReturnType<typeof startRedisCluster> => startRedisCluster(['--cluster-require-full-coverage', 'no'])

await withServer('a Cluster', start, (cluster) => {
  test(
    'when a primary is killed all calls settle, sums hold, and counters of other primaries go on',
    patience,
    async ({ task }) => {
      await using folder = await temporaryFolder()
      const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }))
      await using members = await startMembers(4, redisWith({ cluster: { nodes } }))
      const [first] = members
      if (first === undefined) throw new Error('there is no member')
      const names = await namesOfEach(cluster)
      const adds = names.map((name): StateCall[] => [{ do: 'counters.add', name, delta: 1 }])
      const load = { clients: [...adds, ...adds], pause: 5, timeout }
      await Promise.all(
        members.map((member, index) =>
          member.ask('begin', { ...load, file: join(folder.path, `${index}`), client: `${index}` }),
        ),
      )
      // Some work before the fault.
      await sleep(500)
      const killed = now()
      await cluster.primaries[0]?.kill()
      await vi.waitFor(async () => expect(await valueOf(first, names[0] ?? '')).toBeTypeOf('number'), 15_000)
      const back = now()
      // Some work after it.
      await sleep(500)
      await Promise.all(members.map((member) => member.ask('stop')))

      const operations = await readHistory(folder.path)
      const violations = violationsOfPatience(operations, timeout + noise)
      const [ofKilled = [], ...ofOthers] = names.map((name) =>
        operations.filter(({ call }) => 'name' in call && call.name === name),
      )
      const totals = await Promise.all(names.map(async (name) => Number(await valueOf(first, name))))
      for (const [index, ofOne] of ofOthers.entries()) {
        violations.push(...violationsOfSum({ operations: ofOne }, { total: totals[index + 1] ?? 0 }))
        violations.push(...violationsOfOrder({ operations: ofOne }))
        expect(longestSilence(ofOne)).toBeLessThan(longestSilence(ofKilled) / 2)
      }
      // The fault was one, and is over.
      expect(ofKilled.filter((one) => !isAcknowledged(one)).length).toBeGreaterThan(0)
      expect(ofKilled.filter((one) => isAcknowledged(one) && one.from > back).length).toBeGreaterThan(0)
      const lost = ({ to = 0 }: Operation): boolean => to > killed - unreplicated && to < killed + unheard
      const forgotten = ofKilled.filter((one) => isAcknowledged(one) && lost(one)).length
      violations.push(...violationsOfSum({ operations: ofKilled }, { total: totals[0] ?? 0, forgotten }))
      const left = await leave(...members)
      const indeterminate = operations.filter(isUnknown).length
      const subject = {
        on: subjectOf({ version: cluster.primaries[0]?.version ?? '' }),
        row: 'C1',
        what: 'killed primary of a Cluster',
      } as const
      const found = { operations: operations.length, faults: 1, indeterminate, violations, left }
      expect(reported(task, subject, found)).toEqual([])
    },
  )
})

/** The name of a counter for each primary. */
async function namesOfEach({ primaries }: RedisCluster): Promise<string[]> {
  const names: string[] = []
  for (let number = 0; names.filter(Boolean).length < primaries.length; number += 1) {
    const slot = Number(await primaries[0]?.command('CLUSTER', 'KEYSLOT', `{counter ${number}}`))
    names[Math.floor((slot * primaries.length) / 16_384)] ??= `counter ${number}`
  }
  return names
}

/** Between the ends of two acknowledged changes, in milliseconds. */
function longestSilence(operations: readonly Operation[]): number {
  const ends = operations
    .filter(isAcknowledged)
    .map(({ to }) => to)
    .toSorted((a, b) => a - b)
  return Math.max(...ends.slice(1).map((end, index) => end - (ends[index] ?? end)))
}

function valueOf(member: Member, name: string): Promise<unknown> {
  return member.ask('call', { do: 'counters.get', name })
}
