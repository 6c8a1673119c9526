import { reported } from '@lockstep/testing/faults/findings'
import { breakAndRefuse } from '@lockstep/testing/faults/ground'
import { missedWakes } from '@lockstep/testing/faults/missed-wakes'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import type { FaultProxy } from '@lockstep/testing/proxy'
import { expect, test } from 'vitest'
import { startPrimary } from '../primary.ts'

const times = rounds(30)

test.concurrent.for([
  { what: 'was broken', strike: breakAndRefuse },
  { what: 'was a black hole', strike: (proxy: FaultProxy) => proxy.halfOpen() },
])(
  'a waiter whose link $what when the lock was released has it soon after',
  patience,
  async ({ what, strike }, { task }) => {
    await using primary = await startPrimary()
    const subject = { on: primary, row: 'L6', what: `missed wake-up, the link ${what}` } as const
    expect(reported(task, subject, await missedWakes(primary, { what, strike, times }))).toEqual([])
  },
)
