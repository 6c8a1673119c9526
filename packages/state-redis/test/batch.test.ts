import { expect, test } from 'vitest'
import { Batches } from '../src/batch.ts'

/** Weights as requests; the answers are the sizes of the batches they travelled in. */
function batches(sent: number[][], alone?: (weight: number) => Promise<number>): Batches<number, number> {
  return new Batches({
    schedule: (flush) => process.nextTick(flush),
    weigh: (weight) => weight,
    together: async (weights) => {
      sent.push([...weights])
      return weights.map(() => weights.length)
    },
    ...(alone && { alone }),
  })
}

test('requests of a tick travel together by their group, and are answered in order', async () => {
  const sent: number[][] = []
  const to = batches(sent)
  expect(await Promise.all([to.add(1, 'a'), to.add(2, 'b'), to.add(3, 'a')])).toEqual([2, 1, 2])
  expect(sent).toEqual([[1, 3], [2]])
})

test('a batch has at most 64 requests and 512 changes, and one request goes however heavy it is', async () => {
  const sent: number[][] = []
  const to = batches(sent)
  await Promise.all(Array.from({ length: 130 }, () => to.add(1, 'light')))
  expect(sent.map(({ length }) => length)).toEqual([64, 64, 2])
  sent.length = 0
  await Promise.all([300, 200, 12, 1, 600, 5].map((weight) => to.add(weight, 'heavy')))
  expect(sent).toEqual([[300, 200, 12], [1], [600], [5]])
})

test('a request without company goes its own way', async () => {
  const sent: number[][] = []
  const to = batches(sent, async (weight) => -weight)
  expect(await Promise.all([to.add(7, 'a'), to.add(1, 'b'), to.add(2, 'b')])).toEqual([-7, 2, 2])
  expect(sent).toEqual([[1, 2]])
})

test('what fails together fails for each', async () => {
  const error = new Error('no')
  const to = new Batches<number, number>({
    schedule: (flush) => process.nextTick(flush),
    weigh: () => 1,
    together: () => Promise.reject(error),
  })
  const settled = await Promise.allSettled([to.add(1, 'a'), to.add(2, 'a')])
  expect(settled).toEqual([
    { status: 'rejected', reason: error },
    { status: 'rejected', reason: error },
  ])
})
