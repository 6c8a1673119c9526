import type { StateCall } from '@lockstep/conformance'
import { judge, type JudgedCall } from '@lockstep/testing/histories/judge-calls'
import type { Operation } from '@lockstep/testing/histories/operation'
import { describe, expect, test } from 'vitest'

type Ending = Pick<Operation, 'answer' | 'failed'>

const add: StateCall = { do: 'counters.add', name: 'x', delta: 1 }
const get: StateCall = { do: 'counters.get', name: 'x' }
const unknown = { failed: 'LOCKSTEP_OUTCOME_UNKNOWN' }

function at(from: number, to: number, client: string, call: JudgedCall, ending: Ending): Operation<JudgedCall> {
  return { client, call, from, to, ...ending }
}

function added(value: number): Ending {
  return { answer: { applied: true, value, expiresIn: null } }
}

function fenced(token: number): StateCall {
  return { do: 'counters.add', name: 'x', delta: 1, fence: { name: 'l', token } }
}

function set(value: number): StateCall {
  return { do: 'counters.set', name: 'x', value }
}

function release(lease: string): StateCall {
  return { do: 'locks.release', lease }
}

function cas(expected: number, value: number): StateCall {
  return { do: 'counters.compareAndSet', name: 'x', expected, value }
}

const nothing: Ending = {}

describe('a register, as Jepsen tests it', () => {
  test('a read beside a write may see it or not', () => {
    const write = at(0, 10, 'w', set(1), nothing)
    expect(judge([write, at(1, 9, 'r', get, { answer: 0 })])).toEqual([])
    expect(judge([write, at(1, 9, 'r', get, { answer: 1 })])).toEqual([])
  })

  test('what was seen once cannot be unseen', () => {
    const write = at(0, 10, 'w', set(1), nothing)
    const reads = [at(1, 3, 'r', get, { answer: 1 }), at(4, 6, 's', get, { answer: 0 })]
    expect(judge([write, ...reads])).toEqual([expect.stringContaining('no order explains s:')])
  })

  test('a read after a write has ended may not miss it', () => {
    const [fault = ''] = judge([at(0, 1, 'w', set(1), nothing), at(2, 3, 'r', get, { answer: 0 })])
    expect(fault).toContain('counter x: no order explains r: {"do":"counters.get","name":"x"} → 0 (2.000 to 3.000)')
    expect(fault).toContain('1 of 2 calls can be put in order; what it would find then: x = 1')
    expect(fault).toContain('w: {"do":"counters.set","name":"x","value":1} → nothing (0.000 to 1.000)')
  })

  test('a write of the value that stands already may have to come later, also where its answer was written down as null', () => {
    const write = at(2, 9, 'w', set(3), { answer: null })
    const others = [at(0, 1, 'a', set(3), { answer: null }), at(3, 4, 'b', set(2), { answer: null })]
    expect(judge([write, ...others, at(5, 6, 'r', get, { answer: 2 }), at(10, 11, 'r', get, { answer: 3 })])).toEqual(
      [],
    )
  })

  test('of two that swap the same value one wins', () => {
    const swaps = [at(0, 5, 'a', cas(0, 1), { answer: true }), at(0, 5, 'b', cas(0, 2), { answer: true })]
    expect(judge(swaps)).toHaveLength(1)
    expect(judge([...swaps.slice(0, 1), at(0, 5, 'b', cas(0, 2), { answer: false })])).toEqual([])
  })
})

describe('a counter', () => {
  test('two that add to the same value have lost an update', () => {
    expect(judge([at(0, 5, 'a', add, added(1)), at(1, 6, 'b', add, added(1))])).toHaveLength(1)
    expect(judge([at(0, 5, 'a', add, added(2)), at(1, 6, 'b', add, added(1))])).toEqual([])
  })

  test('a retried increment that was applied twice is seen by the next one', () => {
    expect(judge([at(0, 1, 'a', add, added(1)), at(2, 3, 'a', add, added(3))])).toHaveLength(1)
  })

  test('an unknown increment may come late, or never, but not twice', () => {
    const change = at(0, 1, 'a', add, unknown)
    const reads = (...values: number[]): Operation<JudgedCall>[] =>
      values.map((answer, index) => at(2 + 2 * index, 3 + 2 * index, 'r', get, { answer }))
    expect(judge([change, ...reads(0, 0, 0)])).toEqual([])
    expect(judge([change, ...reads(0, 0, 1)])).toEqual([])
    expect(judge([change, ...reads(0, 1, 0)])).toHaveLength(1)
    expect(judge([change, ...reads(0, 1, 2)])).toHaveLength(1)
  })

  test('what a killed process had begun is unknown', () => {
    const begun: Operation<JudgedCall> = { client: 'a', call: add, from: 5 }
    expect(judge([begun, at(6, 7, 'r', get, { answer: 1 })])).toEqual([])
    expect(judge([begun, at(2, 3, 'r', get, { answer: 1 })])).toHaveLength(1)
  })

  test('what was told to be unavailable has not happened', () => {
    const refused = at(0, 1, 'a', add, { failed: 'LOCKSTEP_UNAVAILABLE' })
    expect(judge([refused, at(2, 3, 'r', get, { answer: 0 })])).toEqual([])
    expect(judge([refused, at(2, 3, 'r', get, { answer: 1 })])).toHaveLength(1)
  })

  test('a stale token is refused, and only a stale one', () => {
    const newer = at(0, 1, 'new', fenced(2), added(1))
    expect(judge([newer, at(2, 3, 'old', fenced(1), added(2))])).toHaveLength(1)
    expect(judge([newer, at(2, 3, 'old', fenced(1), { failed: 'LOCKSTEP_STALE_TOKEN' })])).toEqual([])
    expect(judge([newer, at(2, 3, 'new', fenced(2), { failed: 'LOCKSTEP_STALE_TOKEN' })])).toHaveLength(1)
  })

  test('each counter has its own fault', () => {
    const other: StateCall = { do: 'counters.get', name: 'y' }
    const history = [at(0, 1, 'a', get, { answer: 7 }), at(0, 1, 'b', other, { answer: 8 })]
    expect(judge(history)).toEqual([expect.stringContaining('counter x:'), expect.stringContaining('counter y:')])
  })

  test('a lifetime that ends within the history is not judged silently', () => {
    const short: StateCall = { do: 'counters.add', name: 'x', delta: 1, ttl: 10 }
    const history = [at(0, 1, 'a', short, added(1)), at(20, 21, 'r', get, { answer: 1 })]
    expect(judge(history)).toEqual([expect.stringContaining('cannot be judged')])
  })
})

describe('an entry whose set was not answered', () => {
  const name = 'e'
  const change = at(0, 1, 'a', { do: 'entries.set', name, value: 'v' }, unknown)
  const read: StateCall = { do: 'entries.get', name }

  test('has the version that is read first, and no other', () => {
    const first = at(2, 3, 'r', read, { answer: { value: 'v', version: 7, expiresIn: null } })
    expect(judge([change, first, { ...first, from: 4, to: 5 }])).toEqual([])
    const other = at(4, 5, 'r', read, { answer: { value: 'v', version: 8, expiresIn: null } })
    expect(judge([change, first, other])).toHaveLength(1)
  })

  test('has a version above those before it', () => {
    const before = at(-3, -2, 'a', { do: 'entries.set', name, value: 'w' }, { answer: { applied: true, version: 7 } })
    const seen = (version: number): Operation<JudgedCall> =>
      at(2, 3, 'r', read, { answer: { value: 'v', version, expiresIn: null } })
    expect(judge([before, change, seen(8)])).toEqual([])
    expect(judge([before, change, seen(7)])).toHaveLength(1)
  })
})

describe('a lock', () => {
  const ttl = 1_000
  const acquire = (lease: string): StateCall => ({ do: 'locks.tryAcquire', name: 'l', lease, ttl })
  const first = at(0, 1, 'a', acquire('one'), { answer: { token: 5 } })

  test('is given on when its lease may have ended, not before', () => {
    expect(judge([first, at(900, 980, 'b', acquire('two'), { answer: { token: 6 } })])).toHaveLength(1)
    expect(judge([first, at(900, 989, 'b', acquire('two'), { answer: { token: 6 } })])).toEqual([])
  })

  test('is given on after its release, with a greater token', () => {
    const released = at(10, 11, 'a', release('one'), { answer: true })
    expect(judge([first, released, at(12, 13, 'b', acquire('two'), { answer: { token: 6 } })])).toEqual([])
    expect(judge([first, released, at(12, 13, 'b', acquire('two'), { answer: { token: 5 } })])).toHaveLength(1)
  })

  test('was held all the time by who still held it at its release', () => {
    const second = at(1_500, 1_501, 'b', acquire('two'), { answer: { token: 6 } })
    expect(judge([first, second, at(1_600, 1_601, 'a', release('one'), { answer: true })])).toHaveLength(1)
    expect(judge([first, second, at(1_600, 1_601, 'a', release('one'), { answer: false })])).toEqual([])
  })

  test('is given on early by who was told that the lease was lost', () => {
    const second = at(20, 21, 'b', acquire('two'), { answer: { token: 6 } })
    expect(judge([first, second])).toHaveLength(1)
    expect(judge([first, at(5, 22, 'a', { do: 'locks.lost', lease: 'one' }, { answer: true }), second])).toEqual([])
  })

  test('may be in the way when its acquire was not answered', () => {
    const begun = at(0, 1, 'a', acquire('one'), { failed: 'LOCKSTEP_UNAVAILABLE' })
    expect(judge([begun, at(2, 3, 'b', acquire('two'), { answer: null })])).toEqual([])
    expect(judge([at(2, 3, 'b', acquire('two'), { answer: null })])).toHaveLength(1)
  })
})
