import { join } from 'node:path'
import type { StateCall } from '@lockstep/conformance'
import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { examples } from '@lockstep/testing/histories/examples'
import { judge } from '@lockstep/testing/histories/judge-calls'
import { readHistory } from '@lockstep/testing/histories/read'
import { leave, startMembers } from '@lockstep/testing/members/members'
import { random, randomSeed } from '@lockstep/testing/random'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

const processes = 4
/** In each process. */
const clients = 4
const names = ['a', 'b', 'c', 'd', 'e']

await withServer('crossing', startOwnMysql, (server) => {
  test(
    'sixteen clients that change the same counters in every order never see a deadlock, and agree on one order of events',
    patience,
    async ({ task }) => {
      const ground = groundOf(server)
      const seed = randomSeed()
      const next = random(seed)
      await using folder = await temporaryFolder()
      await using members = await startMembers(processes, ground.direct)
      const plan = (): StateCall[] => Array.from({ length: rounds(400) / clients }, () => callOf(next))
      await Promise.all(
        members.map(async (member, index) => {
          const load = { clients: Array.from({ length: clients }, plan), times: 1, timeout: 20_000 }
          await member.ask('begin', { file: join(folder.path, `${index}`), client: `${index}`, ...load })
          await member.ask('done')
        }),
      )
      const left = await leave(...members)
      const operations = await readHistory(folder.path)
      const violations = [
        ...examples('not acknowledged', operations, ({ answer }) => answer === undefined),
        ...judge(operations),
      ]
      const found = { operations: operations.length, faults: 0, indeterminate: 0, violations, left }
      expect(reported(task, { on: ground, row: 'C3', what: 'names in every order', seed }, found)).toEqual([])
    },
  )
})

function callOf(next: () => number): StateCall {
  const some = names
    .map((name) => ({ name, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, 1 + Math.floor(next() * 4))
  const [first] = some
  if (some.length === 1 && first !== undefined) return { do: 'counters.delete', name: first.name }
  return { do: 'counters.addAll', additions: some.map(({ name }) => ({ name, delta: 1 })) }
}
