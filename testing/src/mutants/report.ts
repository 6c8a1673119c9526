import { styleText } from 'node:util'
import type { HuntReport, Result } from './hunt.ts'

/** What each line begins with, and its colour where the stream takes colours. */
const marks = {
  caught: ['✓', 'green'],
  survived: ['✗', 'red'],
  drifted: ['✗', 'red'],
  broken: ['✗', 'red'],
  skipped: ['−', 'yellow'],
} as const

/** One line of progress. */
export function progressLine({ mutant, verdict, seconds }: Result): string {
  return `${mark(verdict.is, process.stderr)} ${mutant.name}: ${verdict.is} (${seconds.toFixed(1)} s)`
}

/** The table of all mutants, then those that were not caught, in detail. */
export function render({ baseline, results }: HuntReport): string {
  if (baseline.failures.length > 0) {
    return ['The tests fail without any mutant, so nothing was mutated:', ...baseline.failures].join('\n\n')
  }
  const rows = results.map((result) => [result.mutant.name, placeName(result), told(result), result.seconds.toFixed(1)])
  const [names, places] = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  const table = results.map((result, index) => {
    const [name = '', place = '', text = '', seconds = ''] = rows[index] ?? []
    const columns = [name.padEnd(names ?? 0), place.padEnd(places ?? 0), `${seconds.padStart(5)} s`, text]
    return `${mark(result.verdict.is, process.stdout)} ${columns.join('  ')}`
  })
  const details = results.filter(({ verdict }) => verdict.is !== 'caught').map(detail)
  return ['', ...table, '', ...details, summary(results)].join('\n')
}

/** The same as data, for `--json`. */
export function asData({ baseline, results }: HuntReport): unknown {
  return {
    baseline,
    mutants: results.map(({ mutant: { name, why, file }, line, verdict, seconds, diff }) => {
      const { is, ...rest } = verdict
      return { name, file, line, verdict: is, ...('why' in rest ? { reason: rest.why } : rest), seconds, why, diff }
    }),
  }
}

function summary(results: readonly Result[]): string {
  const counts = Object.keys(marks).map(
    (is) => [results.filter(({ verdict }) => verdict.is === is).length, is] as const,
  )
  return counts.flatMap(([count, is]) => (count > 0 || is === 'caught' ? `${count} ${is}` : [])).join(', ')
}

function detail({ mutant, verdict, diff }: Result): string {
  const lines = [`${mutant.name}: ${verdict.is}${'why' in verdict ? `, ${verdict.why}` : ''}`, `  ${mutant.why}`]
  if (verdict.is === 'survived') {
    const { files, named } = mutant.tests
    lines.push(`  ${files.join(' ')}${named === undefined ? '' : ` -t '${named}'`} passed with:`)
  }
  if (diff !== '') lines.push(...diff.split('\n').map((line) => `    ${line}`))
  return `${lines.join('\n')}\n`
}

function told({ verdict }: Result): string {
  if (verdict.is === 'caught') return verdict.by
  return verdict.is.toUpperCase()
}

function placeName({ mutant, line }: Result): string {
  return `${mutant.file}:${line ?? '?'}`
}

function mark(is: Result['verdict']['is'], stream: NodeJS.WriteStream): string {
  const [sign, colour] = marks[is]
  return styleText(colour, sign, { stream })
}
