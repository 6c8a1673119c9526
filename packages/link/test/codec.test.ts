import type { Answer, Command, Operation } from '@lockstep/engine'
import type { Failure } from '@lockstep/state'
import { describe, expect, test } from 'vitest'
import { decodeAnswer, encodeAnswer } from '../src/answers.ts'
import { MAX_CHANGES, MAX_VALUE } from '../src/changes.ts'
import { decodeCommand, encodeCommand } from '../src/commands.ts'
import { add, change, write } from './commands.ts'

const fence = { name: 'cart:42', token: 1_790_000_000_000_000 }
const MOST = Number.MAX_SAFE_INTEGER

const commands: Command[] = [
  { op: 'acquire', name: 'a', owner: 'o', ttl: 0.5, wait: 0 },
  { op: 'acquire', name: 'a', owner: 'o', ttl: 10, wait: 0, reserve: 65_536 },
  { op: 'cancel', name: '__proto__', owner: 'o' },
  { op: 'extend', leases: [] },
  {
    op: 'extend',
    leases: [
      { name: 'a', owner: 'o', ttl: 1 },
      { name: 'b', owner: 'p', ttl: MOST },
    ],
  },
  { op: 'release', name: 'naïve "quoted" 🛒\\', owner: 'o' },
  { op: 'inspect', name: 'a'.repeat(191) },
  add('a', 0, 1),
  change('a', 7, { kind: 'add', delta: -1, min: 0 }),
  change('a', 7, { kind: 'add', delta: -MOST, max: MOST }),
  change('a', 7, { kind: 'add', delta: 1, min: 0, max: 5, ttl: 60_000, fence, operationId: 'order-1' }),
  change('a', 7, { kind: 'add', delta: 1, operationId: 'order-1' }),
  change('a', 7, { kind: 'add', delta: 1, fence }, { kind: 'add', delta: 2 }, { kind: 'delete' }),
  change('a', 7, { kind: 'set', value: 5 }, { kind: 'set', value: 5, ttl: 1 }, { kind: 'set', value: -5, fence }),
  change(
    'a',
    MOST,
    { kind: 'compareAndSet', expected: 1, value: 2 },
    { kind: 'compareAndSet', expected: 1, value: 2, fence },
  ),
  change('a', 7, { kind: 'delete', fence }),
  { op: 'addAll', sequence: 3, changes: [{ name: 'a', delta: 1 }] },
  {
    op: 'addAll',
    sequence: 3,
    operationId: 'order-1',
    fence,
    changes: [
      { name: 'a', delta: -1, min: 0 },
      { name: 'b', delta: 1, max: 9 },
      { name: 'c', delta: 1, min: -1, max: 9 },
    ],
  },
  { op: 'readCounter', name: 'a' },
  { op: 'readCounter', name: 'a', fence },
  write('a', 1, ''),
  write('a', 1, 's'),
  write('a', 1, '\u0000\ud800 lone surrogate\u2028'),
  {
    op: 'changeEntry',
    name: 'a',
    sequence: 1,
    changes: [
      { kind: 'set', value: 'v', ttl: 1, maxLifetime: 2, ifVersion: 3, fence },
      { kind: 'set', value: 'v', ifVersion: 0 },
      { kind: 'touch', ttl: 5 },
      { kind: 'touch', ttl: 5, fence },
      { kind: 'delete' },
      { kind: 'delete', tombstone: 5 },
      { kind: 'delete', fence },
    ],
  },
  { op: 'readEntry', name: 'a' },
  { op: 'readEntry', name: 'a', fence },
]

const failure: Failure = { code: 'LOCKSTEP_STALE_TOKEN', message: 'a newer holder was here' }

const answers: { [O in Operation]: (Answer<O> | Failure)[] } = {
  acquire: [
    { granted: true, token: 5, expiresIn: 9_999.5 },
    { granted: false, expiresIn: 0, place: 2 },
  ],
  cancel: [true, false],
  extend: [[], [true], [true, false]],
  release: [true, false],
  inspect: [
    { held: true, token: 5, expiresIn: 1 },
    { held: false, token: 0, expiresIn: 0, waiters: 3 },
  ],
  changeCounter: [
    [],
    [{ applied: true, value: -4, expiresIn: null }],
    [{ applied: false, value: 0, expiresIn: null }],
    [{ applied: true, value: 4, expiresIn: 5 }],
    [failure],
    [{ applied: true, value: 4, expiresIn: null }, failure, { applied: false, value: 4, expiresIn: 5 }],
    failure,
  ],
  addAll: [{ applied: true, values: [1, 2] }, { applied: false, values: [0] }, failure],
  readCounter: [0, -MOST, failure],
  changeEntry: [
    [{ applied: true, version: 5 }],
    [{ applied: false, version: 0 }],
    [{ applied: false, version: 3 }, { applied: true, version: 4 }, failure],
  ],
  readEntry: [null, { value: '', version: 1, expiresIn: null }, { value: 'v', version: 1, expiresIn: 5 }, failure],
}

describe('what goes in comes out', () => {
  test.each(commands.map((command) => [JSON.stringify(command).slice(0, 100), command] as const))(
    '%s',
    (_, command) => {
      expect(decodeCommand(throughJson(encodeCommand(command)))).toStrictEqual(command)
    },
  )

  test.each(Object.keys(answers) as Operation[])('each answer to %s', (op) => {
    for (const answer of answers[op]) {
      expect(decodeAnswer(op, throughJson(encodeAnswer(op, answer)))).toStrictEqual(answer)
    }
  })
})

describe('the common cases are short', () => {
  test('a plain addition is a number, a bounded take two', () => {
    expect(encodeCommand(add('stock', 5, -1))).toStrictEqual([6, 'stock', 5, -1])
    expect(encodeCommand(change('stock', 5, { kind: 'add', delta: -1, min: 0 }))).toStrictEqual([
      6,
      'stock',
      5,
      [-1, 0],
    ])
  })

  test('an applied change without a lifetime is answered by its value', () => {
    expect(encodeAnswer('changeCounter', [{ applied: true, value: 41, expiresIn: null }])).toBe(41)
  })
})

const illFormed: unknown[] = [
  null,
  7,
  'acquire',
  {},
  [],
  ['acquire', 'a'],
  [0, 'a'],
  [11, 'a'],
  [1, 'a', 'o', 1],
  [1, 'a', 'o', 1, 1, 1, 1],
  [1, 'a', 'o', 1, 1, -1],
  [1, 'a', 'o', 1, 1, 65_537],
  [1, '', 'o', 1, 1],
  [1, 'a'.repeat(192), 'o', 1, 1],
  [1, 5, 'o', 1, 1],
  [1, 'a', {}, 1, 1],
  [1, 'a', 'o', -1, 1],
  [1, 'a', 'o', 1e300, 1],
  [1, 'a', 'o', '1', 1],
  [1, 'a', 'o', null, 1],
  [3, 'a', 'o'],
  [6, 'a', -1, 1],
  [6, 'a', 0.5, 1],
  [6, 'a', 1, 0.5],
  [6, 'a', 1, 2 ** 53],
  [6, 'a', 1, 'add'],
  [6, 'a', 1, null],
  [6, 'a', 1, []],
  [6, 'a', 1, [1, 0.5]],
  [6, 'a', 1, [1, 0, 1, 1, ['a', 1], 'id', 1]],
  [6, 'a', 1, [1, 0, 1, 1, ['a'], 'id']],
  [6, 'a', 1, [1, 0, 1, 1, ['a', -1], 'id']],
  [6, 'a', 1, [1, 0, 1, 1, null, 5]],
  [6, 'a', 1, ['s']],
  [6, 'a', 1, ['c', 1]],
  [6, 'a', 1, ['x', 1]],
  [6, 'a', 1, { kind: 'add', delta: 1 }],
  [7, 1, null, null, 'a'],
  [7, 1, null, null, ['a', 1, null, null, 1]],
  [8],
  [9, 'a', 1, 5],
  [9, 'a', 1, ['s', 5]],
  [9, 'a', 1, ['s', 'v', 1, 1, -1]],
  [9, 'a', 1, ['t']],
  [9, 'a', 1, ['s', 'v'.repeat(MAX_VALUE + 1)]],
  [6, 'a', 1, ...Array.from({ length: MAX_CHANGES + 1 }, () => 1)],
]

test.each(illFormed.map((value) => [JSON.stringify(value).slice(0, 60), value] as const))(
  'no command: %s',
  (_, value) => {
    expect(() => decodeCommand(throughJson(value))).toThrow(expect.objectContaining({ name: 'ProtocolError' }))
  },
)

test('what is too much for one command is refused where it was asked for', () => {
  const capacity = expect.objectContaining({ code: 'LOCKSTEP_CAPACITY' })
  expect(() => encodeCommand(write('a', 1, 'v'.repeat(MAX_VALUE + 1)))).toThrow(capacity)
  const many = Array.from({ length: MAX_CHANGES + 1 }, () => ({ kind: 'add', delta: 1 }) as const)
  expect(() => encodeCommand(change('a', 1, ...many))).toThrow(capacity)
})

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
