import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { sums } from '@lockstep/testing/faults/sums'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { beforeAll, describe, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'
import { addWorker, harmsOf, worker } from './harms.ts'

const times = rounds(80)

await withServer('administration', startOwnMysql, (server) => {
  describe('sums hold whatever an administrator does', () => {
    const ground = groundOf(server, {}, worker)
    const named = Object.entries(harmsOf(server))
    const harms = named.map(([, harm]) => harm)

    beforeAll(() => addWorker(server))

    test(
      `with operation ids all is acknowledged and made once when ${named.map(([name]) => name).join(', ')}`,
      patience,
      async ({ task }) => {
        const load = { processes: 4, timeout: 20_000, patient: true, identified: true }
        const found = await sums(ground, { ...load, harms, times })
        expect(reported(task, { on: ground, row: 'C1', what: 'administration, with operation ids' }, found)).toEqual([])
      },
    )

    test(
      'without them each refusal has its code, comes in bounded time, and was not made',
      patience,
      async ({ task }) => {
        const found = await sums(ground, { processes: 4, timeout: 1_000, patient: false, harms, times })
        expect(reported(task, { on: ground, row: 'C1', what: 'administration' }, found)).toEqual([])
      },
    )
  })
})
