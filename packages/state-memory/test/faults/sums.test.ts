import { reported } from '@lockstep/testing/faults/findings'
import { anyCalls } from '@lockstep/testing/faults/any-calls'
import { line } from '@lockstep/testing/faults/line'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { stock } from '@lockstep/testing/faults/stock'
import { brokenConnections, lostReply, silence, standstill, sums } from '@lockstep/testing/faults/sums'
import { randomSeed } from '@lockstep/testing/random'
import { expect, test } from 'vitest'
import { startPrimary } from '../primary.ts'

const times = rounds(40)

test(
  'every change is acknowledged and made once, whatever happens to replies, links and the primary’s time',
  patience,
  async ({ task }) => {
    await using primary = await startPrimary()
    const harms = [brokenConnections, lostReply, standstill(primary, 200), brokenConnections]
    const found = await sums(primary, { processes: 8, timeout: 10_000, patient: true, harms, times })
    expect(reported(task, { on: primary, row: 'C1', what: 'all acknowledged' }, found)).toEqual([])
  },
)

test(
  'what callers are not told of who give up early is counted as unknown, and nothing else',
  patience,
  async ({ task }) => {
    await using primary = await startPrimary()
    const harms = [silence, standstill(primary, 300), lostReply]
    const found = await sums(primary, { processes: 4, timeout: 100, patient: false, harms, times })
    expect(reported(task, { on: primary, row: 'C1', what: 'given up early' }, found)).toEqual([])
  },
)

test('sixteen sellers never sell more than there is, though some are stopped or killed', patience, async ({ task }) => {
  await using primary = await startPrimary()
  const found = await stock(primary, rounds(20_000))
  expect(reported(task, { on: primary, row: 'C2', what: 'killed and stopped sellers' }, found)).toEqual([])
})

test('a stock and all who read it agree on one order of events, whatever happens', patience, async ({ task }) => {
  await using primary = await startPrimary()
  const harms = [lostReply, standstill(primary, 300), brokenConnections, silence]
  const found = await line(primary, { calls: rounds(5_000), harms })
  expect(reported(task, { on: primary, row: 'C3', what: 'linearizable stock' }, found)).toEqual([])
})

// A link that is broken loses its leases.
test.for([
  { what: 'calls of counters and entries', locks: false, linksBreak: true },
  { what: 'calls of counters, entries and locks', locks: true, linksBreak: false },
])('any $what agree on one order of events', patience, async ({ what, locks, linksBreak }, { task }) => {
  await using primary = await startPrimary()
  const broken = linksBreak ? [lostReply, brokenConnections, silence] : []
  const seed = randomSeed()
  const harms = [standstill(primary, 300), ...broken]
  const found = await anyCalls(primary, { calls: rounds(5_000), harms, seed, locks })
  expect(reported(task, { on: primary, row: 'C3', what, seed }, found)).toEqual([])
})
