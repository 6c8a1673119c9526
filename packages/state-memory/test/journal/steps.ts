import * as fc from 'fast-check'
import { start, type Step } from './scratch.ts'

const name = fc.constantFrom('a', 'b', '__proto__')
const owner = fc.constantFrom('1', '2')
const ttl = fc.constantFrom(20, 400, 5_000)
const sequence = fc.nat(3)
const fence = fc.option(
  fc.tuple(
    fc.constantFrom('l', 'm'),
    fc.nat(3).map((extra) => start.wall + extra),
  ),
  { nil: null },
)
const operation = fc.constantFrom(null, null, 'o1', 'o2')

const command: fc.Arbitrary<Step['command']> = fc.oneof(
  fc.tuple(
    fc.constant(1),
    fc.constantFrom('l', 'm'),
    owner,
    ttl,
    fc.constantFrom(0, 300, 9_000),
    fc.constantFrom(null, 3),
  ),
  fc.tuple(fc.constantFrom(2, 4), fc.constantFrom('l', 'm'), owner),
  fc.tuple(fc.constant(3), fc.constantFrom('l', 'm'), owner, ttl),
  fc.tuple(fc.constant(6), name, sequence, fc.integer({ min: -3, max: 3 }), fc.constant(['d'])),
  fc.tuple(fc.constant(6), name, sequence, fc.tuple(fc.nat(5), fc.constant(0), fc.constant(9), ttl, fence, operation)),
  fc.tuple(fc.constant(7), sequence, operation, fence, fc.constant(['a', 1, 0]), fc.constant(['b', -1, 0])),
  fc.tuple(fc.constant(8), name, fc.constant(['l', start.wall + 1])),
  fc.tuple(fc.constant(9), name, sequence, fc.tuple(fc.constant('s'), fc.string({ unit: 'grapheme' }), ttl, ttl)),
  fc.tuple(fc.constant(9), name, sequence, fc.constant(['d', 400])),
  fc.constantFrom('drop' as const, 'tick' as const),
)

/** Few clients and names, so that they meet; every kind of command, some refused. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ client: fc.constantFrom('c', 'd'), after: fc.constantFrom(0, 1, 17, 300, 2_000), command }),
  { minLength: 1, maxLength: 25 },
)
