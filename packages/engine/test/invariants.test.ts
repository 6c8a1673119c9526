import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Driver } from './driver.ts'
import { histories, lockNames, longestTtl, perform, type Step } from './histories.ts'
import { Ledger } from './ledger.ts'

const numRuns = 300

test('one valid holder at most, growing tokens and versions, stock never below 0, however the clocks jump', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const { engine } = new Driver({ now: 0 })
      const ledger = new Ledger()
      for (const step of history) {
        const answer = perform(engine, step)
        expect(() => ledger.read(step, answer)).not.toThrow()
      }
    }),
    { numRuns },
  )
})

test('the ledger finds out an engine that lets leases end early', () => {
  const { failed } = fc.check(
    fc.property(histories, (history) => {
      const { engine } = new Driver({ now: 0 })
      const ledger = new Ledger()
      for (const step of history) ledger.read(step, perform(engine, step, { ...step.time, now: step.time.now * 1.1 }))
    }),
    { numRuns },
  )
  expect(failed).toBe(true)
})

test('who goes on asking gets the lock after one lease, and one offer window for each client that went silent', () => {
  fc.assert(
    fc.property(histories, fc.constantFrom(...lockNames), (history, name) => {
      const driver = new Driver({ now: 0 })
      for (const step of history) perform(driver.engine, step)
      driver.now = lastTime(history)
      const asksEvery = 50
      const until = driver.now + longestTtl + 3 * 2_000 + 5 * asksEvery
      const served: string[] = []
      while (served.length < 3 && driver.now < until) {
        for (const client of ['x', 'y', 'z'].filter((each) => !served.includes(each))) {
          const answer = driver.acquire(client, { name, wait: 60_000 })
          if ('granted' in answer && answer.granted) {
            served.push(client)
            driver.release(client, { name })
          }
        }
        driver.pass(asksEvery)
      }
      expect(served).toEqual(['x', 'y', 'z'])
    }),
    { numRuns },
  )
})

test('an engine restored from its snapshot answers, and offers, like the original', () => {
  fc.assert(
    fc.property(histories, histories, (past, future) => {
      const original = new Driver({ now: 0 })
      for (const step of past) perform(original.engine, step)
      original.now = lastTime(past)
      const text = JSON.stringify(original.engine.snapshot(original.time))
      const restored = new Driver({ now: original.now, records: JSON.parse(text) })
      original.offers.length = 0
      for (const step of future) {
        const time = { now: original.now + step.time.now, wall: step.time.wall }
        expect(perform(restored.engine, step, time)).toEqual(perform(original.engine, step, time))
      }
      expect(restored.offers.toSorted()).toEqual(original.offers.toSorted())
    }),
    { numRuns },
  )
})

function lastTime(history: readonly Step[]): number {
  return Math.max(0, ...history.map(({ time }) => Math.floor(time.now)))
}
