import type { Finding, Measurement, Report, Skipped } from './report.ts'
import type { Summary } from './stats.ts'

/** The report for people: the verdict first, then the numbers it rests on. */
export function renderReport({
  bench,
  findings,
  measurements,
  machine,
  loadAverage,
  versions,
  rounds,
}: Report): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${bench}: medians of ${rounds} interleaved rounds of one run [lowest – highest]`,
    '',
    ...align(findings.map(findingCells)),
    '',
    ...renderMeasurements(measurements),
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node.js ${machine.node}`,
    names.join(', '),
    `Load average ${loadAverage.before} before, ${loadAverage.after} after`,
  ].join('\n')
}

function findingCells(row: Finding | Skipped): string[] {
  if ('skipped' in row) return ['skipped', '', '', `${row.title}. ${row.skipped}`]
  const target = row.target ? `${row.target.bound} ${row.target.value} ${row.unit}` : 'no target'
  return [renderSummary(row, row.unit), target, row.target ? verdict(row) : '', row.title]
}

function verdict({ met }: Finding): string {
  return met ? 'met' : 'not met'
}

/** Under the title of each scenario its participants. */
function renderMeasurements(measurements: readonly Measurement[]): string[] {
  const rows = align(
    measurements.map(({ participant, unit, ...summary }) => [participant, renderSummary(summary, unit)]),
  )
  return measurements.flatMap(({ scenario }, index) => {
    const row = `  ${rows[index]}`
    return scenario === measurements[index - 1]?.scenario ? [row] : [scenario, row]
  })
}

function renderSummary({ median, low, high }: Summary, unit: string): string {
  return `${renderNumber(median)} ${unit} [${renderNumber(low)} – ${renderNumber(high)}]`
}

/** Infinity is a share beside one of nothing. */
function renderNumber(value: number): string {
  if (value === Infinity) return 'starved'
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

/** Cells of a column start below each other. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  )
}
