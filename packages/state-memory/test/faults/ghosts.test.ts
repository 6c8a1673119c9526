import { reported } from '@lockstep/testing/faults/findings'
import { carryOutAndRefuse, givenUp, lostReplies, lostRequests } from '@lockstep/testing/faults/ghosts'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import type { FaultProxy } from '@lockstep/testing/proxy'
import { expect, test } from 'vitest'
import { startPrimary } from '../primary.ts'

const times = rounds(50)

test.concurrent.for([
  { what: 'reply', scenario: lostReplies },
  { what: 'request', scenario: lostRequests },
])(
  'an acquire whose $what is lost gets the lock once the link is back',
  patience,
  async ({ what, scenario }, { task }) => {
    await using primary = await startPrimary()
    expect(reported(task, { on: primary, row: 'L4', what: `lost ${what}` }, await scenario(primary, times))).toEqual([])
  },
)

// The primary sees the end of a broken link, and frees what came by it, at once; over one that stands, the cancel does.
test.concurrent.for([
  { what: 'reply was lost with its link', strike: carryOutAndRefuse },
  { what: 'reply was lost on a link that stands', strike: (proxy: FaultProxy) => proxy.loseReplies() },
  { what: 'request was lost', strike: (proxy: FaultProxy) => proxy.halfOpen() },
])('a caller that gave up when its $what leaves no lock behind', patience, async ({ what, strike }, { task }) => {
  await using primary = await startPrimary()
  const found = await givenUp(primary, { what, strike, waiters: 0, times })
  expect(reported(task, { on: primary, row: 'L4', what: `given up, ${what}` }, found)).toEqual([])
})
