import { contention } from '@lockstep/testing/faults/contention'
import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { expect, test } from 'vitest'
import { startPrimary } from '../primary.ts'

test(
  '8 processes hold a lock one at a time, each with a greater token and the last value, in order of arrival',
  patience,
  async ({ task }) => {
    await using primary = await startPrimary()
    const found = await contention(primary, { processes: 8, holders: rounds(5_000), name: 'contest' })
    expect(reported(task, { on: primary, row: 'L1', what: 'one holder at a time' }, found)).toEqual([])
  },
)
