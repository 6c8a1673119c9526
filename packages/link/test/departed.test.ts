import { expect, test } from 'vitest'
import { Departed } from '../src/departed.ts'

const identity = { client: 'c', secret: 's' }

test('a client whose connection was lost is known for two minutes', () => {
  const departed = new Departed()
  departed.add(identity, 0)
  expect(departed.find('c', 119_999)).toStrictEqual(identity)
  expect(departed.find('c', 120_000)).toBeUndefined()
})

test('a client that has come back starts anew when it departs again', () => {
  const departed = new Departed()
  departed.add(identity, 0)
  departed.remove('c')
  expect(departed.find('c', 1)).toBeUndefined()
  departed.add(identity, 100_000)
  expect(departed.find('c', 200_000)).toStrictEqual(identity)
})

test('of very many clients the latest are known', () => {
  const departed = new Departed()
  for (let index = 0; index <= 10_000; index++) departed.add({ client: `${index}`, secret: 's' }, 0)
  expect(departed.find('0', 0)).toBeUndefined()
  expect(departed.find('1', 0)).toBeDefined()
  expect(departed.find('10000', 0)).toBeDefined()
})
