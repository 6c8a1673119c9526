import * as fc from 'fast-check'
import type { Command, Engine, Operation, Time } from '../src/index.ts'
import { firstWall } from './driver.ts'

/** A command of one client, or its end, at a time that may lie before that of the step before. */
export interface Step {
  readonly client: string
  readonly command: Command | 'drop' | 'cut' | 'tick'
  readonly time: Time
}

export const lockNames = ['lock', '__proto__'] as const

/** The longest lease that a history asks for, in milliseconds. */
export const longestTtl = 10_000

const clients = ['a', 'b', 'c'] as const
const lockName = fc.constantFrom(...lockNames)
const resource = fc.constantFrom('r', 's')
const owner = fc.constantFrom('1', '2')
const ttl = fc.constantFrom(1, 100, 3_000, longestTtl)
const optionalTtl = fc.option(ttl, { nil: undefined })
const sequence = fc.nat(3)
const operationId = fc.constantFrom(undefined, undefined, 'o1', 'o2')
const fence = fc.option(fc.record({ name: lockName, token: fc.integer({ min: firstWall - 1, max: firstWall + 3 }) }), {
  nil: undefined,
})

const lockCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('acquire' as const),
      name: lockName,
      owner,
      ttl,
      wait: fc.constantFrom(0, 500, 20_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constantFrom('release' as const, 'cancel' as const), name: lockName, owner }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('extend' as const),
      leases: fc.array(fc.record({ name: lockName, owner, ttl })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('inspect' as const), name: lockName }) },
)

/** Adds never go below 0, nor does anything else: a value below 0 is a broken bound. */
const bounds = { min: fc.constant(0), max: fc.constantFrom(3, Number.MAX_SAFE_INTEGER) }
const delta = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.MAX_SAFE_INTEGER))
const counterChange = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), delta, ...bounds, ttl: optionalTtl, fence, operationId }),
  fc.record({ kind: fc.constant('set' as const), value: fc.nat(5), ttl: optionalTtl, fence }),
  fc.record({ kind: fc.constant('compareAndSet' as const), expected: fc.nat(2), value: fc.nat(5), fence }),
  fc.record({ kind: fc.constant('delete' as const), fence }),
)
const entryChange = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    value: fc.string(),
    ttl: optionalTtl,
    maxLifetime: optionalTtl,
    ifVersion: fc.constantFrom(undefined, undefined, 0),
    fence,
  }),
  fc.record({ kind: fc.constant('touch' as const), ttl, fence }),
  fc.record({ kind: fc.constant('delete' as const), tombstone: optionalTtl, fence }),
)

function listOf<Op extends string, Change>(op: Op, change: fc.Arbitrary<Change>) {
  return fc.record({ op: fc.constant(op), name: resource, sequence, changes: fc.array(change, { maxLength: 3 }) })
}

const valueCommand = fc.oneof(
  listOf('changeCounter' as const, counterChange),
  listOf('changeEntry' as const, entryChange),
  fc.record({
    op: fc.constant('addAll' as const),
    sequence,
    changes: fc.uniqueArray(fc.record({ name: resource, delta, ...bounds }), {
      minLength: 1,
      selector: ({ name }) => name,
    }),
    operationId,
    fence,
  }),
  fc.record({ op: fc.constantFrom('readCounter' as const, 'readEntry' as const), name: resource, fence }),
)

const command = fc.oneof(
  { weight: 6, arbitrary: lockCommand },
  // Requests that crossed a process border have no fields that are undefined.
  { weight: 6, arbitrary: valueCommand.map((value) => JSON.parse(JSON.stringify(value)) as Command) },
  { weight: 1, arbitrary: fc.constantFrom('drop' as const, 'cut' as const, 'tick' as const) },
)

const jump = fc.record({
  command,
  client: fc.constantFrom(...clients),
  milliseconds: fc.constantFrom(0, 0, 1, 99, 500, 2_000, 10_000, 130_000, -700, 0.3),
  microseconds: fc.constantFrom(0, 1, 1_000_000, -5_000_000),
})

/** Few clients and names, so that they meet, and clocks that jump both ways. */
export const histories: fc.Arbitrary<Step[]> = fc.array(jump, { maxLength: 80, size: 'max' }).map((jumps) => {
  let time = { now: 0, wall: firstWall }
  return jumps.map(({ client, command: given, milliseconds, microseconds }) => {
    time = { now: time.now + milliseconds, wall: time.wall + microseconds }
    return { client, command: given, time }
  })
})

/** `time`: what the engine is told, if not the step's own time. */
export function perform(engine: Engine, { client, command: given, time: own }: Step, time: Time = own): unknown {
  switch (given) {
    case 'tick':
      return engine.tick(time)
    case 'drop':
      return engine.dropClient(client, time)
    case 'cut':
      return engine.dropClient(client, time, { keepLeases: true })
    default:
      return engine.execute<Operation>(client, given, time)
  }
}
