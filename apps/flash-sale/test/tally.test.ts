import { expect, test } from 'vitest'
import { isExact, oversold, verdict } from '../src/tally.ts'

test.each([
  { sold: 500, unknown: 0, left: 0, exact: true, why: 'all sold, nothing left' },
  { sold: 498, unknown: 5, left: 0, exact: true, why: 'two of five unanswered requests were served' },
  { sold: 498, unknown: 5, left: 2, exact: true, why: 'none of the unanswered requests was served' },
  { sold: 300, unknown: 0, left: 200, exact: true, why: 'the sale ended early' },
  { sold: 498, unknown: 1, left: 0, exact: false, why: 'a unit has vanished' },
  { sold: 500, unknown: 0, left: 1, exact: false, why: 'a unit was sold and is still there' },
  { sold: 501, unknown: 9, left: 0, exact: false, why: 'one sold too many' },
  { sold: 501, unknown: 0, left: -1, exact: false, why: 'the stock went below zero' },
  { sold: 500, unknown: 1, left: -1, exact: false, why: 'the one too many went to somebody who got no answer' },
  { sold: 500, unknown: 0, left: null, exact: false, why: 'there is no store to ask' },
])('500 units, $sold sold, $unknown unknown, $left left: exact is $exact, as $why', ({ exact, ...outcome }) => {
  expect(isExact({ stock: 500 }, outcome)).toBe(exact)
})

test('oversold counts only what is beyond the stock', () => {
  expect([oversold(500, 0), oversold(500, 500), oversold(500, 501)]).toEqual([0, 0, 1])
})

test.each([
  [
    { sold: 1_000, unknown: 0, left: null },
    { good: false, text: 'oversold by 500' },
  ],
  [
    { sold: 501, unknown: 0, left: -1 },
    { good: false, text: 'oversold by 1' },
  ],
  [
    { sold: 500, unknown: 0, left: 0 },
    { good: true, text: 'exact' },
  ],
  [
    { sold: 498, unknown: 0, left: 0 },
    { good: false, text: 'the stock does not add up' },
  ],
  [
    { sold: 400, unknown: 0, left: null },
    { good: true, text: 'not oversold, this time' },
  ],
])('of 500 units, %j is the verdict %j', (outcome, expected) => {
  expect(verdict({ stock: 500 }, outcome)).toEqual(expected)
})

test.each([
  { sold: 300, unknown: 0, left: 0, good: true, text: '300 of the 500 sold', why: 'others have sold the rest' },
  { sold: 0, unknown: 0, left: 0, good: true, text: '0 of the 500 sold', why: 'others were faster' },
  {
    sold: 300,
    unknown: 9,
    left: 201,
    good: false,
    text: 'the stock does not add up',
    why: 'a unit was sold and is still there',
  },
  { sold: 501, unknown: 0, left: 0, good: false, text: 'oversold by 1', why: 'one sold too many' },
])('of 500 units that are shared, $sold sold and $left left: "$text", as $why', ({ good, text, ...outcome }) => {
  expect(verdict({ stock: 500, sale: 'friday' }, outcome)).toEqual({ good, text })
})
