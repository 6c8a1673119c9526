import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { type Left, leave, leftOf, startMember } from '@lockstep/testing/members/members'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

const times = rounds(20)

await withServer('a black hole', startOwnMysql, (server) => {
  test(
    'a process whose connection has become a black hole closes its state and ends by itself',
    patience,
    async ({ task }) => {
      const ground = groundOf(server)
      const lefts: Left[] = []
      for (let round = 1; round <= times; round += 1) {
        await using way = await ground.way()
        await using member = await startMember(way.choice)
        const add = { do: 'counters.add', name: 'black hole', delta: 1 } as const
        expect(await member.ask('call', add)).toMatchObject({ applied: true })
        way.proxy.halfOpen()
        expect(await member.ask('call', { ...add, timeout: 300 } as typeof add)).toEqual({
          failed: 'LOCKSTEP_OUTCOME_UNKNOWN',
        })
        lefts.push(await leave(member))
      }
      const found = { operations: times, faults: times, indeterminate: times, violations: [], left: leftOf(lefts) }
      expect(reported(task, { on: ground, row: 'C1', what: 'a black hole' }, found)).toEqual([])
    },
  )
})
