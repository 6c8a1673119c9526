import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Timed, unscheduled, Wheel } from '../src/wheel.ts'

interface Item extends Timed<Item> {
  readonly id: number
}

function item(id: number, deadline: number): Item {
  return { id, deadline, slot: unscheduled, previous: undefined, next: undefined }
}

/** The same promise in a list: an item is due at its deadline, or, scheduled too late for that, at the next tick. */
class NaiveWheel {
  #tick: number
  #items: { item: Item; earliest: number }[] = []

  constructor(now: number) {
    this.#tick = Math.floor(now / 16)
  }

  schedule(scheduled: Item): void {
    this.cancel(scheduled)
    if (scheduled.deadline !== Infinity) this.#items.push({ item: scheduled, earliest: this.#tick })
  }

  cancel(cancelled: Item): void {
    this.#items = this.#items.filter((other) => other.item !== cancelled)
  }

  advance(now: number): Item[] {
    const last = Math.floor(now / 16)
    const due = this.#items.filter((scheduled) => tickOf(scheduled) <= last)
    this.#items = this.#items.filter((scheduled) => tickOf(scheduled) > last)
    this.#tick = Math.max(this.#tick, last + 1)
    return due.map((scheduled) => scheduled.item)
  }

  nextDeadline(): number {
    return Math.min(...this.#items.map(tickOf)) * 16
  }
}

function tickOf(scheduled: { item: Item; earliest: number }): number {
  return Math.max(Math.ceil(scheduled.item.deadline / 16), scheduled.earliest)
}

const year = 31_557_600_000
const lifetime = fc.oneof(
  fc.integer({ min: -100, max: 1_000 }),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  fc.constantFrom(0, 16, 511, 512, 513, 16_384, 524_288, 18 * year, 40 * year, Infinity),
)
const someItem = fc.nat(9)
const noItem = fc.constant(-1)
const move = fc.oneof(
  fc.record({ kind: fc.constant('schedule' as const), id: someItem, by: lifetime }),
  fc.record({ kind: fc.constant('cancel' as const), id: someItem, by: fc.constant(0) }),
  fc.record({ kind: fc.constant('extend' as const), id: someItem, by: fc.nat() }),
  fc.record({ kind: fc.constant('advance' as const), id: noItem, by: fc.integer({ min: -50, max: 2_000 }) }),
  fc.record({ kind: fc.constant('advance' as const), id: noItem, by: fc.oneof(fc.nat(), fc.constant(20 * year)) }),
)

function idsOf(items: readonly Item[]): number[] {
  return items.map((each) => each.id).toSorted((a, b) => a - b)
}

test('hands over what a plain list would, whatever is scheduled, moved and cancelled', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.array(move, { maxLength: 60 }), (start, moves) => {
      let now = start
      const wheel = new Wheel<Item>(now)
      const naive = new NaiveWheel(now)
      const items = Array.from({ length: 10 }, (_, id) => item(id, Infinity))
      for (const step of moves) {
        const chosen = items[step.id]
        const due: Item[] = []
        let expected: Item[] = []
        if (chosen === undefined) {
          now += step.by
          wheel.advance(now, (handed) => due.push(handed))
          expected = naive.advance(now)
        } else if (step.kind === 'extend') {
          chosen.deadline += step.by
        } else {
          chosen.deadline = step.kind === 'cancel' ? Infinity : now + step.by
          wheel.schedule(chosen)
          naive.schedule(chosen)
        }
        expect(idsOf(due)).toEqual(idsOf(expected))
        expect(wheel.nextDeadline()).toBeLessThanOrEqual(naive.nextDeadline())
        expect(wheel.nextDeadline() === Infinity).toBe(naive.nextDeadline() === Infinity)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('who advances only when told to reaches every deadline, in few steps', () => {
  const wheel = new Wheel<Item>(7)
  const deadlines = [7, 8, 500, 10_000, 90_000, 86_400_000, 2 ** 31 - 1, 20 * year]
  deadlines.forEach((deadline, id) => wheel.schedule(item(id, deadline)))
  const reached: number[] = []
  let steps = 0
  for (let now = wheel.nextDeadline(); now !== Infinity; now = wheel.nextDeadline()) {
    steps++
    wheel.advance(now, ({ deadline }) => {
      expect(now - deadline).toBeGreaterThanOrEqual(0)
      expect(now - deadline).toBeLessThan(32)
      reached.push(deadline)
    })
  }
  expect(reached.toSorted((a, b) => a - b)).toEqual(deadlines)
  expect(steps).toBeLessThan(40)
})

test('an item may be scheduled again, and others cancelled, while what is due is handed over', () => {
  const wheel = new Wheel<Item>(0)
  const items = [item(0, 40), item(1, 40), item(2, 40)]
  for (const each of items) wheel.schedule(each)
  const handed: number[] = []
  wheel.advance(48, (due) => {
    handed.push(due.id)
    for (const other of items) if (other !== due) wheel.cancel(other)
    due.deadline = 48 + 512
    wheel.schedule(due)
  })
  expect(handed).toHaveLength(1)
  wheel.advance(48 + 511, ({ id }) => handed.push(id))
  expect(handed).toHaveLength(1)
  wheel.advance(48 + 512, ({ id }) => handed.push(id))
  expect(handed).toHaveLength(2)
  expect(wheel.nextDeadline()).toBe(Infinity)
})

test('an empty wheel has nothing to do', () => {
  const wheel = new Wheel<Item>(0)
  const cancelled = item(0, 1_000)
  wheel.schedule(cancelled)
  wheel.cancel(cancelled)
  wheel.schedule(item(1, Infinity))
  expect(wheel.nextDeadline()).toBe(Infinity)
})
