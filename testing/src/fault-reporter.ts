import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { formatReport, type FaultReport, totalsOf } from './faults/report.ts'
import { soak } from './faults/rounds.ts'
import { describeMachine, loadAverage } from './machine.ts'

/** Where a soak leaves its report unless `LOCKSTEP_FAULT_REPORT` names another file. From the root of the repository. */
const usual = 'soak/faults.json'

/**
 * Prints at the end what the fault tests have found: those in a folder `test/faults`, of whichever package. Writes the same as JSON to the file that
 * `LOCKSTEP_FAULT_REPORT` names. In a soak, which is long, it says of each of them when it has ended.
 */
export class FaultReporter implements Reporter {
  readonly #file = process.env['LOCKSTEP_FAULT_REPORT'] ?? (soak ? usual : undefined)
  #started = new Date()
  #loadBefore = 0

  onTestRunStart(): void {
    this.#started = new Date()
    this.#loadBefore = loadAverage()
  }

  onTestCaseResult(test: TestCase): void {
    if (!soak || !isFaultTest(test.module) || test.result().state === 'skipped') return
    const seconds = Math.round((Date.now() - this.#started.getTime()) / 1_000)
    const [account] = test.meta().accounts ?? []
    const said =
      account && `${account.row} ${account.adapter}: ${account.operations} operations, ${account.faults} faults`
    console.log(`${seconds} s: ${test.result().state}: ${said ?? test.module.relativeModuleId}: ${test.fullName}`)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const faults = modules.filter(isFaultTest)
    const tests = faults.flatMap(({ children }) => [...children.allTests()])
    const accounts = tests.flatMap((test) => test.meta().accounts ?? [])
    const failed = tests.filter((test) => test.result().state === 'failed')
    const broken = faults.filter((module) => module.errors().length > 0)
    if (accounts.length === 0 && failed.length === 0 && broken.length === 0) return
    const report: FaultReport = {
      startedAt: this.#started.toISOString(),
      soak,
      machine: describeMachine(),
      loadAverage: { before: this.#loadBefore, after: loadAverage() },
      stores: [...new Set(accounts.map(({ store }) => store))].toSorted(),
      totals: totalsOf(accounts),
      failed: [...broken.map(({ relativeModuleId }) => relativeModuleId), ...failed.map(titleOf)],
      skipped: tests.filter((test) => test.result().state === 'skipped' && test.options.mode === 'skip').map(titleOf),
      accounts,
    }
    console.log(`\n${formatReport(report)}\n`)
    if (this.#file !== undefined) write(this.#file, report)
  }
}

function isFaultTest({ relativeModuleId }: TestModule): boolean {
  return relativeModuleId.includes('/test/faults/')
}

function titleOf({ module, fullName }: TestCase): string {
  return `${module.relativeModuleId}: ${fullName}`
}

function write(name: string, report: FaultReport): void {
  const file = resolve(name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`)
  console.log(`Written to ${relative('.', file)}\n`)
}
