import { reported } from '@lockstep/testing/faults/findings'
import { breakAndRefuse } from '@lockstep/testing/faults/ground'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { type Outage, outlived, toldInTime } from '@lockstep/testing/faults/told-in-time'
import type { FaultProxy } from '@lockstep/testing/proxy'
import { expect, test } from 'vitest'
import { type Primary, startPrimary } from '../primary.ts'

const times = rounds(20)
const mend = (proxy: FaultProxy): void => proxy.heal()
const standing = (primary: Primary): Omit<Outage, 'what'> => {
  return { strike: () => primary.pause(), mend: () => primary.resume() }
}

test.concurrent.for([
  { what: 'the primary stands still', harm: standing },
  { what: 'the link is a black hole', harm: () => ({ strike: (proxy: FaultProxy) => proxy.halfOpen(), mend }) },
  { what: 'links are broken and refused', harm: () => ({ strike: breakAndRefuse, mend }) },
])('holders are told before their leases end when $what', patience, async ({ what, harm }, { task }) => {
  await using primary = await startPrimary()
  const found = await toldInTime(primary, { what, ...harm(primary) }, times)
  expect(reported(task, { on: primary, row: 'L3', what }, found)).toEqual([])
})

test.concurrent(
  'leases outlive a standstill of the primary that is shorter than they are',
  patience,
  async ({ task }) => {
    await using primary = await startPrimary()
    const found = await outlived(primary, { what: 'standstill', ...standing(primary) }, times)
    expect(reported(task, { on: primary, row: 'L3', what: 'a short standstill' }, found)).toEqual([])
  },
)
