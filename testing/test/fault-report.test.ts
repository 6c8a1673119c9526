import { expect, test } from 'vitest'
import { type Account, reported } from '../src/faults/findings.ts'
import { formatReport, totalsOf } from '../src/faults/report.ts'

const on = { adapter: 'redis', store: 'redis-server 7.0.15' }
const findings = { operations: 1_200, faults: 3, indeterminate: 2, violations: ['it broke'] }
const left = { members: 4, violations: ['one stayed'] }

/** What the report is given of a scenario. */
function accountsOf(row: Account['row'], seed?: number): Account[] {
  const task: { meta: { accounts?: Account[] } } = { meta: {} }
  reported(task, { on, row, what: 'a scenario', ...(seed !== undefined && { seed }) }, { ...findings, left })
  return task.meta.accounts ?? []
}

test('an account is given of the scenario, and of how its processes have left, and all violations come back', () => {
  const task: { meta: { accounts?: Account[] } } = { meta: {} }
  expect(reported(task, { on, row: 'C1', what: 'a scenario' }, { ...findings, left })).toEqual([
    'it broke',
    'one stayed',
  ])
  expect(task.meta.accounts).toEqual([
    { ...on, row: 'C1', what: 'a scenario', ...findings },
    expect.objectContaining({ row: 'X1', operations: 4, violations: ['one stayed'] }),
  ])
})

test('the report counts by row and adapter and in all, and says what it was found on and what to repeat', () => {
  const accounts = [...accountsOf('C1'), ...accountsOf('C1', 42)]
  const text = formatReport({
    startedAt: '',
    soak: true,
    machine: { cpu: 'a cpu', cores: 2, memoryGiB: 4, system: 'linux', node: 'v24' },
    loadAverage: { before: 1, after: 2 },
    stores: [on.store],
    totals: totalsOf(accounts),
    failed: ['a test that failed'],
    skipped: ['a test without its server'],
    accounts,
  })
  expect(text).toMatch(/^C1 +redis +2 +2,400 +6 +4 +2$/m)
  expect(text).toMatch(/^X1 +redis +2 +8 +0 +0 +2$/m)
  expect(text).toMatch(/^all +4 +2,408 +6 +4 +4$/m)
  for (const said of [
    'a cpu',
    'redis-server 7.0.15',
    'seed 42',
    'it broke',
    'a test that failed',
    'without its server',
  ]) {
    expect(text).toContain(said)
  }
})
