import { expect, test } from 'vitest'
import { backoffDelay } from '../src/backoff.ts'

const backoff = { initial: 100, max: 30_000, factor: 2 }

test('the ceiling grows by the factor with each failure, up to the maximum', () => {
  const ceilings = [1, 2, 3, 8, 9, 10, 5_000].map((failures) => backoffDelay(failures, backoff, 1))
  expect(ceilings).toEqual([100, 200, 400, 12_800, 25_600, 30_000, 30_000])
})

test('the delay is anything from nothing to the ceiling', () => {
  expect([0, 0.25, 0.5, 1].map((random) => backoffDelay(3, backoff, random))).toEqual([0, 100, 200, 400])
})
