import { reported } from '@lockstep/testing/faults/findings'
import { jumpingClock, jumps } from '@lockstep/testing/faults/jumping-clock'
import { expect, test } from 'vitest'
import { startPrimary } from '../primary.ts'

test.concurrent.for(jumps)(
  'a lease is held and ends as ever when the wall clock of its holder jumps by %d ms',
  async (jump, { task }) => {
    await using primary = await startPrimary()
    const subject = { on: primary, row: 'L3', what: `the wall clock jumps by ${jump} ms` } as const
    expect(reported(task, subject, await jumpingClock(primary, jump))).toEqual([])
  },
)
