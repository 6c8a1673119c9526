import { expect, test } from 'vitest'
import { Fifo } from '../src/fifo.ts'

test('items leave in the order they came, however many are taken in between', () => {
  const queue = new Fifo<number>()
  const taken: (number | undefined)[] = []
  let next = 0
  for (const [push, shift] of [
    [3, 1],
    [10_000, 5_000],
    [1, 4_000],
    [5_000, 6_003],
    [2, 0],
  ] as const) {
    for (let count = 0; count < push; count++) queue.push(next++)
    for (let count = 0; count < shift; count++) taken.push(queue.shift())
    expect([queue.peek(), queue.length, [...queue].length]).toStrictEqual([
      taken.length === next ? undefined : taken.length,
      next - taken.length,
      next - taken.length,
    ])
  }
  expect(taken).toStrictEqual(Array.from({ length: taken.length }, (_, index) => index))
})

test('an empty queue gives nothing', () => {
  const queue = new Fifo<number>()
  expect([queue.shift(), queue.peek(), queue.length]).toStrictEqual([undefined, undefined, 0])
})
