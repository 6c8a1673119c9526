import { expect, test } from 'vitest'
import { jsonLine, type Result, table } from '../src/report.ts'
import { nothing } from '../src/tally.ts'

const result: Result = {
  adapter: 'memory',
  workers: 2,
  stock: 500,
  kills: 3,
  outcomes: {
    naive: { ...nothing, sold: 1_000, unknown: 1, left: null },
    lockstep: { ...nothing, sold: 500, unknown: 0, left: 0 },
    lock: { ...nothing, sold: 498, unknown: 2, left: 1 },
  },
}

test('a program gets one line of JSON', () => {
  expect(jsonLine(result)).toBe(
    '{"adapter":"memory","workers":2,"stock":500,"kills":3,' +
      '"naive":{"sold":1000,"unknown":1,"oversold":500},' +
      '"lockstep":{"sold":500,"unknown":0,"oversold":0,"left":0},' +
      '"lock":{"sold":498,"unknown":2,"oversold":0,"left":1}}',
  )
})

test('a sale on a database is told with one more way', () => {
  const outcomes = { ...result.outcomes, transaction: { ...nothing, sold: 500, left: 0 } }
  const onMysql = { ...result, adapter: 'mysql', outcomes }
  expect(JSON.parse(jsonLine(onMysql)).transaction).toEqual({ sold: 500, unknown: 0, oversold: 0, left: 0 })
  expect(table(onMysql, false).split('\n').slice(1)).toEqual([
    '                    sold  unknown     left',
    '  naive             1000        1        –   oversold by 500',
    '  lockstep           500        0        0   exact',
    '  lock               498        2        1   exact',
    '  transaction        500        0        0   exact',
    '',
  ])
})

test('a person gets a table', () => {
  expect(table(result, false).split('\n')).toEqual([
    '500 units, 2 workers, 3 killed during the sale, adapter memory',
    '                 sold  unknown     left',
    '  naive          1000        1        –   oversold by 500',
    '  lockstep        500        0        0   exact',
    '  lock            498        2        1   exact',
    '',
  ])
})

test('a shared sale is named, and what was sold here', () => {
  const outcomes = { ...result.outcomes, lockstep: { ...nothing, sold: 200, left: 0 } }
  const [title, , , lockstep] = table({ ...result, sale: 'friday', outcomes }, false).split('\n')
  expect(title).toBe('500 units of the sale friday, 2 workers, 3 killed during the sale, adapter memory')
  expect(lockstep).toBe('  lockstep        200        0        0   200 of the 500 sold')
})

test('colours come only when they are asked for', () => {
  const escape = '\u001B'
  expect(table(result, false)).not.toContain(escape)
  expect(table(result, true)).toContain(`${escape}[31moversold by 500`)
  expect(table(result, true)).toContain(`${escape}[32mexact`)
})
