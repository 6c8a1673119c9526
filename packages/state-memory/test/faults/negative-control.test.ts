import { contention } from '@lockstep/testing/faults/contention'
import { patience } from '@lockstep/testing/faults/rounds'
import { staleWrites } from '@lockstep/testing/faults/stale-write'
import { sums } from '@lockstep/testing/faults/sums'
import { expect, test } from 'vitest'
import { memoryWith, startPrimary } from '../primary.ts'

// What many a project has: in every process a state of its own, which knows nothing of the others.
const direct = memoryWith({})

test('holders in processes with a state of their own each are seen to hold at once', patience, async () => {
  const { violations } = await contention({ direct }, { processes: 3, holders: 15, name: 'contest', work: 20 })
  expect(violations).toContainEqual(expect.stringContaining('two held the lock at once'))
  expect(violations).toContainEqual(expect.stringContaining('a write was lost'))
})

test('a stale write into a state of its own is seen to be applied', patience, async () => {
  const { violations } = await staleWrites({ direct }, { moment: 'before it writes', times: 1 })
  expect(violations).toContainEqual(expect.stringContaining('the stale holder was not told'))
})

test('counters in processes with a state of their own each are seen not to add up', patience, async () => {
  await using primary = await startPrimary()
  const way: typeof primary.way = async () => Object.assign(await primary.way(), { choice: direct })
  const ground = { ...{ adapter: 'alone', store: '', direct, way }, pause: unharmed, resume: () => {} }
  const found = await sums(ground, { processes: 3, timeout: 1_000, patient: true, harms: [], times: 3 })
  expect(found.violations).toContainEqual(expect.stringContaining('too few'))
  expect(found.violations).toContainEqual(expect.stringContaining('answers'))
})

async function unharmed(): Promise<void> {}
