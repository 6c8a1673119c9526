import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turn } from '@lockstep/state'
import { Deadlines } from '../src/deadlines.ts'

test('each item is told at its own deadline, a nearer one that came later included', async () => {
  const told: string[] = []
  const deadlines = new Deadlines<string>(new Turn(), (item) => told.push(item))
  deadlines.group(120).join('late')
  await turn()
  deadlines.group(30).join('early')
  await turn()
  deadlines.group(120).join('last')
  expect(told).toEqual([])
  await pause(70) // past the early one, before the late ones
  expect(told).toEqual(['early'])
  await pause(120) // past all
  expect(told).toEqual(['early', 'late', 'last'])
})

test('calls of one turn share a group, and those of the next have their full time', async () => {
  const deadlines = new Deadlines<string>(new Turn(), () => {})
  const first = deadlines.group(1_000)
  expect(deadlines.group(1_000)).toBe(first)
  await pause(5) // a later turn, and a later clock
  expect(deadlines.group(1_000).deadline).toBeGreaterThan(first.deadline)
})

test('a group whose items are settled is not told, unless somebody joins it again', async () => {
  const told: string[] = []
  const deadlines = new Deadlines<string>(new Turn(), (item) => told.push(item))
  const settled = deadlines.group(10)
  settled.join('settled')
  settled.leave()
  const again = deadlines.group(20)
  again.join('settled too')
  again.leave()
  again.join('open')
  await pause(60) // past both
  expect(told).toEqual(['settled too', 'open'])
})
