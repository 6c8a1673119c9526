import { contention } from '@lockstep/testing/faults/contention'
import type { Ground } from '@lockstep/testing/faults/ground'
import { patience } from '@lockstep/testing/faults/rounds'
import { staleWrites } from '@lockstep/testing/faults/stale-write'
import { stock } from '@lockstep/testing/faults/stock'
import { sums } from '@lockstep/testing/faults/sums'
import { expect, test } from 'vitest'
import { memoryWith, type Primary, startPrimary } from '../primary.ts'

// What many a project has: in every process a state of its own, which knows nothing of the others.
const direct = memoryWith({})

test.concurrent('holders in processes with a state of their own each are seen to hold at once', patience, async () => {
  const { violations } = await contention({ direct }, { processes: 3, holders: 15, name: 'contest', work: 20 })
  expect(violations).toContainEqual(expect.stringContaining('two held the lock at once'))
  expect(violations).toContainEqual(expect.stringContaining('a write was lost'))
})

test.concurrent('a stale write into a state of its own is seen not to be refused', patience, async () => {
  const { violations } = await staleWrites({ direct }, { moment: 'before it writes', times: 1 })
  expect(violations).toContainEqual(expect.stringContaining('the stale holder was not told'))
})

test.concurrent('counters in processes with a state of their own each are seen not to add up', patience, async () => {
  await using primary = await startPrimary()
  const sum = { processes: 3, timeout: 1_000, patient: true, harms: [], times: 3 }
  const { violations } = await sums(aloneBeside(primary), sum)
  expect(violations).toContainEqual(expect.stringContaining('too few'))
  expect(violations).toContainEqual(expect.stringContaining('answers'))
})

test.concurrent('sellers who know nothing of each other are seen not to sell what there is', patience, async () => {
  await using primary = await startPrimary()
  const { violations } = await stock(aloneBeside(primary), 100)
  expect(violations).toContainEqual(expect.stringContaining('the stock was 100 at its least'))
})

/** Members that go through the faults of this primary without knowing it. */
function aloneBeside(primary: Primary): Ground {
  return {
    adapter: 'alone',
    store: primary.store,
    direct,
    way: async () => Object.assign(await primary.way(), { choice: direct }),
    pause: () => primary.pause(),
    resume: () => primary.resume(),
  }
}
