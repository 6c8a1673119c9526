import type { StateCall } from '@lockstep/conformance'
import { expect, test } from 'vitest'
import { violationsOfTurns } from '../src/faults/killed.ts'
import { violationsOfEndings } from '../src/faults/told-in-time.ts'
import { type Counted, violationsOfOrder, violationsOfSum } from '../src/histories/counting.ts'
import { violationsOfHolds, violationsOfPatience, violationsOfSpeed } from '../src/histories/judges.ts'
import type { Operation } from '../src/histories/operation.ts'

// Histories by hand: `[from, to]` in milliseconds, and what was answered.

type Span = readonly [from: number, to?: number | undefined]
const name = 'n'

function add([from, to]: Span, value?: number): Operation<StateCall> {
  const call: StateCall = { do: 'counters.add', name, delta: 1 }
  return operation(call, from, to, value === undefined ? undefined : { applied: true, value, expiresIn: null })
}

function take([from, to]: Span, answer?: number | null): Operation<StateCall> {
  return operation({ do: 'counters.take', name, n: 1 }, from, to, answer)
}

function get([from, to]: Span, answer?: number): Operation<StateCall> {
  return operation({ do: 'counters.get', name }, from, to, answer)
}

function operation(call: StateCall, from: number, to?: number, answer?: unknown): Operation<StateCall> {
  return { client: 'c', call, from, ...(to !== undefined && { to }), ...(answer !== undefined && { answer }) }
}

function failed([from, to]: Span, code: string): Operation<StateCall> {
  return { ...add([from, to]), failed: code }
}

const unknown = 'LOCKSTEP_OUTCOME_UNKNOWN'
const unavailable = 'LOCKSTEP_UNAVAILABLE'

test.for<{ what: string; counted: Counted }>([
  { what: 'changes that overlap', counted: { operations: [add([0, 9], 2), add([1, 8], 1), get([2, 7], 1)] } },
  { what: 'a read of what is still being added', counted: { operations: [add([0, 9], 1), get([1, 2], 1)] } },
  {
    what: 'an unknown change that was seen',
    counted: { operations: [failed([0, 1], unknown), add([5, 6], 2), failed([7, 8], unavailable)] },
  },
  { what: 'an unknown change that never happened', counted: { operations: [add([0]), add([5, 6], 1)] } },
  {
    what: 'a stock that is sold out',
    counted: { stock: 2, operations: [take([0, 1], 1), take([2, 3], 0), take([4, 5], null), get([6, 7], 0)] },
  },
])('$what has an order', ({ counted }) => {
  expect(violationsOfOrder(counted)).toEqual([])
})

test.for<{ what: string; counted: Counted; violation: string }>([
  {
    what: 'a read that began after a change had ended, and did not see it',
    counted: { operations: [add([0, 1], 1), get([2, 3], 0)] },
    violation: 'one began after',
  },
  {
    what: 'a change that had been read before it began',
    counted: { operations: [get([0, 1], 1), add([2, 3], 1)] },
    violation: 'one began after',
  },
  {
    what: 'the same answer twice, one after the other',
    counted: { operations: [add([0, 1], 1), add([2, 3], 1)] },
    violation: 'one began after',
  },
  {
    what: 'a number that nobody has added',
    counted: { operations: [add([0, 1], 1), add([0, 9], 3)] },
    violation: 'nobody had counted',
  },
  {
    what: 'a number that an unknown change added too late',
    counted: { operations: [add([0, 1], 2), failed([5, 6], unknown)] },
    violation: 'nobody had counted',
  },
  {
    what: 'one unknown change for two numbers',
    counted: { operations: [failed([0, 1], unknown), add([2, 3], 3)] },
    violation: 'nobody had counted',
  },
  {
    what: 'a sold-out answer while there was some left',
    counted: { stock: 2, operations: [take([0, 1], null), take([2, 3], 1)] },
    violation: 'one began after',
  },
])('$what has no order', ({ counted, violation }) => {
  expect(violationsOfOrder(counted)).toContainEqual(expect.stringContaining(violation))
})

test('a sum holds if it is that of the acknowledged changes and some of the unknown ones', () => {
  const operations = [add([0, 1], 1), add([2, 3], 2), failed([0, 9], unknown), failed([0, 9], unavailable)]
  expect(violationsOfSum({ operations }, { total: 2 })).toEqual([])
  expect(violationsOfSum({ operations }, { total: 3 })).toEqual([])
  expect(violationsOfSum({ operations }, { total: 1, forgotten: 1 })).toEqual([])
  expect(violationsOfSum({ operations }, { total: 1 })).toEqual([expect.stringContaining('too few')])
  expect(violationsOfSum({ operations }, { total: 4 })).toEqual([expect.stringContaining('too many')])
})

test('two changes with one answer, and errors that are neither unknown nor unavailable, are told', () => {
  const twice = { operations: [add([0, 5], 1), add([0, 5], 1)] }
  expect(violationsOfSum(twice, { total: 2 })).toEqual([expect.stringContaining('only 1 answers')])
  const strange = { operations: [failed([0, 1], 'TypeError: oh')] }
  expect(violationsOfSum(strange, { total: 0 })).toEqual([expect.stringContaining('told something else')])
})

test('holds that overlap, tokens that do not grow and lost writes are told', () => {
  const first = { token: 1, place: 1, from: 0, to: 5 }
  const second = { token: 2, place: 2, from: 6, to: 9 }
  expect(violationsOfHolds([second, first])).toEqual([])
  expect(violationsOfHolds([first, { ...second, from: 4 }])).toEqual([expect.stringContaining('two held the lock')])
  expect(violationsOfHolds([first, { ...second, token: 1 }])).toEqual([expect.stringContaining('did not grow')])
  expect(violationsOfHolds([first, { ...second, place: 1 }])).toEqual([expect.stringContaining('a write was lost')])
})

test('who settles late, is slow, or is served out of turn is told', () => {
  expect(violationsOfPatience([add([0, 100], 1), add([0])], 100)).toEqual([])
  expect(violationsOfPatience([add([0, 101], 1)], 100)).toEqual([expect.stringContaining('more than 100 ms')])
  expect(violationsOfSpeed([{ what: 'one', took: 100 }], 100)).toEqual([])
  expect(violationsOfSpeed([{ what: 'one', took: 101 }], 100)).toEqual([expect.stringContaining('more than 100 ms')])
  expect(violationsOfTurns('one', [0, 1, 2])).toEqual([])
  expect(violationsOfTurns('one', [1, 0, 2])).toEqual([expect.stringContaining('out of order')])
})

test('a holder that is told late, of something else, or not at all while it held, is told', () => {
  const heard = { toldInTime: true, toldAfter: 480, code: 'LOCKSTEP_LEASE_LOST', settledAfter: 1 }
  const well = { ...heard, name, ttl: 500, heldBefore: true }
  expect(violationsOfEndings([well])).toEqual([])
  const badly = [
    { ...well, toldInTime: false },
    { ...well, toldAfter: 5_000 },
    { ...well, code: 'none' },
    { ...well, settledAfter: 5_000 },
    { ...well, heldBefore: false },
  ]
  for (const one of badly) expect(violationsOfEndings([one])).toEqual([expect.stringContaining('not told in time')])
})
