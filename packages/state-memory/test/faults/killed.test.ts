import { reported } from '@lockstep/testing/faults/findings'
import { killedHolders, killedWaiters } from '@lockstep/testing/faults/killed'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { expect, test } from 'vitest'
import { startPrimary } from '../primary.ts'

const times = rounds(50)

/** Of the leases of those that are killed, far more than it takes; milliseconds, as all times here. */
const ttl = 20_000
/** From the death, or from the release. */
const within = 500

test.concurrent(
  'when a holder is killed the first waiter has the lock at once, and the others in order',
  patience,
  async ({ task }) => {
    await using primary = await startPrimary()
    const found = await killedHolders(primary, { times, ttl, within })
    expect(reported(task, { on: primary, row: 'L6', what: 'killed holder' }, found)).toEqual([])
  },
)

test.concurrent(
  'when the first waiter is killed the next is served at once, and the others in order',
  patience,
  async ({ task }) => {
    await using primary = await startPrimary()
    const found = await killedWaiters(primary, { times, within })
    expect(reported(task, { on: primary, row: 'L6', what: 'killed waiter' }, found)).toEqual([])
  },
)
