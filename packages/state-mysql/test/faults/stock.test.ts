import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { stock } from '@lockstep/testing/faults/stock'
import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'

await withServer('stock', startOwnMysql, (server) => {
  const ground = groundOf(server)

  test(
    'sixteen sellers never sell more than there is, though some are stopped or killed',
    patience,
    async ({ task }) => {
      const subject = { on: ground, row: 'C2', what: 'killed and stopped sellers' } as const
      expect(reported(task, subject, await stock(ground, rounds(20_000)))).toEqual([])
    },
  )
})
