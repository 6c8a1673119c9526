import { judge } from '@lockstep/testing/histories/judge-calls'
import { expect, test } from 'vitest'
import { plans } from './fixtures/calls.ts'
import { history } from './fixtures/store.ts'

const seeds = Array.from({ length: 60 }, (_, index) => index + 1)

test.each(seeds)('what clients of the naive model see has an order (seed %i)', async (seed) => {
  const seen = await history({ seed, plans: plans(seed, 4, 60) })
  expect(judge(seen)).toEqual([])
})

test.each(seeds)('and still has one when some were not answered (seed %i)', async (seed) => {
  const seen = await history({ seed, plans: plans(seed, 4, 60), unknown: 0.05 })
  expect(judge(seen)).toEqual([])
})
