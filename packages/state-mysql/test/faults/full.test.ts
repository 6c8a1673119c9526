import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import { reported } from '@lockstep/testing/faults/findings'
import { patience } from '@lockstep/testing/faults/rounds'
import { judge } from '@lockstep/testing/histories/judge-calls'
import { violationsOfPatience } from '@lockstep/testing/histories/judges'
import { isUnknown } from '@lockstep/testing/histories/operation'
import { readHistory } from '@lockstep/testing/histories/read'
import { leave, startMembers } from '@lockstep/testing/members/members'
import { type OwnMysqlServer, startOwnMysql } from '@lockstep/testing/servers/mysql'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

/** Of each call, in milliseconds, and what a busy machine may add. */
const timeout = 1_000
const noise = 1_000

/** All tables are in these files, which do not grow: InnoDB then says what it says of a full disk. */
const files = (...lengths: readonly string[]): string[] => {
  const list = lengths.map((length, index) => `ibdata${index + 1}:${length}`)
  return ['--innodb-file-per-table=0', `--innodb-data-file-path=${list.join(';')}`]
}
const cramped = files('12M', '12M')
const roomy = files('12M', '12M', '64M')

await withServer(
  'a full disk',
  () => startOwnMysql(cramped),
  (server) => {
    test(
      'what a full disk has no room for is refused with a code, whole and in bounded time, and made when there is room',
      patience,
      async ({ task }) => {
        const ground = groundOf(server)
        await using folder = await temporaryFolder()
        await using members = await startMembers(2, ground.direct)
        await fill(server)
        const plans = members.map((_, index) => largeEntries(index))
        const add: StateCall = { do: 'counters.add', name: 'count', delta: 1 }
        for (const [index, member] of members.entries()) {
          const load = { clients: [[add], plans[index] ?? []], timeout, pause: 20 }
          await member.ask('begin', { file: join(folder.path, `${index}`), client: `${index}`, ...load })
        }
        // The state itself: some calls in it.
        await sleep(4 * timeout)
        await server.restart(roomy)
        // Until calls that began before are through.
        await sleep(2 * timeout)
        await Promise.all(members.map((member) => member.ask('stop')))

        const operations = await readHistory(folder.path)
        const refused = operations.filter(({ failed }) => failed === 'LOCKSTEP_UNAVAILABLE')
        const violations = [
          ...judge(operations),
          ...violationsOfPatience(operations, timeout + noise),
          ...(refused.length === 0 ? ['nothing was refused: there was room'] : []),
        ]
        const after = await Promise.all(plans.flat().map(async (call) => members[0]?.ask('call', call)))
        expect(after).toEqual(after.map(() => expect.objectContaining({ applied: true })))
        const indeterminate = operations.filter(isUnknown).length
        const left = await leave(...members)
        const found = { operations: operations.length, faults: 1, indeterminate, violations, left }
        expect(reported(task, { on: ground, row: 'C3', what: 'a full disk' }, found)).toEqual([])
      },
    )
  },
)

/** Together far more than there is room for. */
function largeEntries(member: number): StateCall[] {
  return Array.from({ length: 20 }, (_, index) => {
    return { do: 'entries.set', name: `large ${member} ${index}`, value: 'x'.repeat(400_000) }
  })
}

/** Take all the room that there is. */
async function fill(server: OwnMysqlServer): Promise<void> {
  const filler = `${server.database}.filler`
  await server.command(`CREATE TABLE ${filler} (data LONGBLOB)`)
  let refusal: unknown
  while (refusal === undefined) {
    const filling = server.command(`INSERT INTO ${filler} VALUES (REPEAT('x', 300000))`)
    refusal = await filling.then(
      () => undefined,
      (error: unknown) => error,
    )
  }
  expect(refusal).toMatchObject({ errno: 1114 })
}
