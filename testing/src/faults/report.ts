import type { Machine } from '../machine.ts'
import type { Account } from './findings.ts'

/** What the fault tests of one run have found, as it is written to a file. */
export interface FaultReport {
  readonly startedAt: string
  /** Whether at full length, or a tenth of it. */
  readonly soak: boolean
  readonly machine: Machine
  /** Processes that want a core, before and after. */
  readonly loadAverage: { readonly before: number; readonly after: number }
  /** What kept the state: node and servers. */
  readonly stores: readonly string[]
  readonly totals: Totals
  /** Tests that failed before they could give an account, or that failed by more than it says. */
  readonly failed: readonly string[]
  /** Tests that were not run. Their titles say why. */
  readonly skipped: readonly string[]
  readonly accounts: readonly Account[]
}

/** A line of the table: all scenarios of one row on one adapter, or of all. */
export interface Totals {
  readonly scenarios: number
  readonly operations: number
  readonly faults: number
  readonly indeterminate: number
  readonly violations: number
}

export function totalsOf(accounts: readonly Account[]): Totals {
  const sum = (of: (account: Account) => number): number => accounts.reduce((all, account) => all + of(account), 0)
  return {
    scenarios: accounts.length,
    operations: sum(({ operations }) => operations),
    faults: sum(({ faults }) => faults),
    indeterminate: sum(({ indeterminate }) => indeterminate),
    violations: sum(({ violations }) => violations.length),
  }
}

/** The report as text for a terminal: a table of rows and adapters, and on what it was found. */
export function formatReport({
  accounts,
  totals,
  machine,
  loadAverage,
  stores,
  failed,
  skipped,
  soak,
}: FaultReport): string {
  const groups = Map.groupBy(accounts, ({ row, adapter }) => `${row}\t${adapter}`)
  const rows = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]) => line(key.split('\t'), totalsOf(group)))
  const seeds = accounts.flatMap(({ row, what, seed }) =>
    seed === undefined ? [] : [`  ${row} ${what}: seed ${seed}`],
  )
  return [
    soak ? 'Faults' : 'Faults, at a tenth of the full length (LOCKSTEP_SOAK=1)',
    '',
    ...aligned([heads, ...rows, line(['all', ''], totals)]),
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, node ${machine.node}; load ${loadAverage.before} before, ${loadAverage.after} after`,
    ...(stores.length === 0 ? [] : [`State kept by ${stores.join(', ')}`]),
    ...listed('Seeds:', seeds),
    ...listed(
      'Violations:',
      accounts.flatMap(({ row, adapter, what, violations }) =>
        violations.map((text) => `  ${row} ${adapter}, ${what}: ${text}`),
      ),
    ),
    ...listed(
      'Failed:',
      failed.map((title) => `  ${title}`),
    ),
    ...listed(
      'Not run:',
      skipped.map((title) => `  ${title}`),
    ),
  ].join('\n')
}

const heads = ['row', 'adapter', 'scenarios', 'operations', 'faults', 'indeterminate', 'violations']

function line(names: readonly string[], totals: Totals): string[] {
  const { scenarios, operations, faults, indeterminate, violations } = totals
  const numbers = [scenarios, operations, faults, indeterminate, violations]
  return [...names, ...numbers.map((number) => number.toLocaleString('en'))]
}

/** Names to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}

function listed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}
