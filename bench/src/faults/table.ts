import { align } from '../harness/table.ts'
import type { Cell, FaultReport } from './report.ts'

/** The report for people: one table, two lines for each library, and below it what the columns mean. */
export function renderFaults({ scenarios, rows, machine, loadAverage, versions }: FaultReport): string {
  const lines = [
    ['', ...scenarios.map(({ title }, index) => `${index + 1} ${title[0]}`)],
    ['', ...scenarios.map(({ title }) => `  ${title[1]}`)],
    ...rows.flatMap(({ library, cells }) => [
      [],
      [library, ...cells.map(verdict)],
      [versions[library] ?? '', ...cells.map(({ fact }) => fact)],
    ]),
  ]
  return [
    ...align(lines),
    ...scenarios.flatMap(({ title, meaning }, index) => [
      '',
      `${index + 1} ${title.join(' ')}`,
      ...meaning.map((line) => `  ${line}`),
    ]),
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node.js ${machine.node}`,
    `redis-server ${versions['redis-server']}, ioredis ${versions['ioredis']}`,
    `Load average ${loadAverage.before} before, ${loadAverage.after} after`,
  ].join('\n')
}

function verdict({ failed, outcomes }: Cell): string {
  return failed === 0 ? 'pass' : `FAIL ${failed}/${outcomes.length}`
}
