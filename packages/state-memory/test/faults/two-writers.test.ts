import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { lateWrites, moments, staleWrites } from '@lockstep/testing/faults/stale-write'
import { expect, test } from 'vitest'
import { startPrimary } from '../primary.ts'

const times = rounds(30)

test.concurrent.for(moments)(
  'no write of a holder that is stopped %s is applied',
  patience,
  async (moment, { task }) => {
    await using primary = await startPrimary()
    const found = await staleWrites(primary, { moment, times })
    expect(reported(task, { on: primary, row: 'L2', what: `stopped ${moment}` }, found)).toEqual([])
  },
)

test.concurrent('no write that arrives when the lease has ended is applied', patience, async ({ task }) => {
  await using primary = await startPrimary()
  const found = await lateWrites(primary, { times })
  expect(reported(task, { on: primary, row: 'L2', what: 'a write that is late' }, found)).toEqual([])
})
