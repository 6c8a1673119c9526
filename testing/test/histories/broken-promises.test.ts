import { judge } from '@lockstep/testing/histories/judge-calls'
import { expect, test } from 'vitest'
import { brokenCounters } from './fixtures/broken-counters.ts'
import { brokenEntries } from './fixtures/broken-entries.ts'
import { brokenLocks } from './fixtures/broken-locks.ts'
import type { Broken } from './fixtures/broken.ts'
import { plans } from './fixtures/calls.ts'
import { history, type Carry } from './fixtures/store.ts'

/** Enough for a rare meeting of calls. The order of calls is that of the seed, so what fails once fails again. */
const seeds = Array.from({ length: 12 }, (_, index) => index + 1)

/** What speaks against a store in some of the histories, one of each. */
async function convict(carry: () => Carry | undefined): Promise<string[]> {
  const found: string[] = []
  for (const seed of seeds) {
    const broken = carry()
    const seen = await history({ seed, plans: plans(seed, 4, 60), ...(broken === undefined ? {} : { carry: broken }) })
    found.push(...judge(seen))
  }
  return found
}

/** Each fault, and how every finding against it has to begin. */
const table: [fault: string, beginning: string, Broken][] = [
  ...brokenLocks.map(([fault, carry]): [string, string, Broken] => [fault, 'lock ', carry]),
  ...brokenCounters.map(([fault, carry]): [string, string, Broken] => [fault, 'counter ', carry]),
  ...brokenEntries.map(([fault, carry]): [string, string, Broken] => [fault, 'entry ', carry]),
]

test.each(table)('the judge convicts a store that %s', async (_fault, beginning, carry) => {
  const found = await convict(carry)
  expect(found.filter((text) => !text.includes('undecided'))).not.toEqual([])
  expect(found.filter((text) => !text.startsWith(beginning))).toEqual([])
})

test('the judge acquits the same clients of a store that keeps all promises', async () => {
  expect(await convict(() => undefined)).toEqual([])
})
