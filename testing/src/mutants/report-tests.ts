/**
 * Runs tests of the working directory and writes down which passed, and with what kind of error the others failed:
 *
 *     node report-tests.ts <report> <selection as JSON>
 *
 * A program of its own because a run of vitest leaves its marks on the process, and because it can be killed.
 */
import { writeFileSync } from 'node:fs'
import { startVitest, type TestCase, type TestModule } from 'vitest/node'
import type { Selection } from './mutant.ts'

export interface TestResult {
  /** File and full title. */
  readonly id: string
  readonly title: string
  readonly passed: boolean
  /** Of a failure. The JSON reporter of vitest has stacks only, which do not say of each assertion that it is one. */
  readonly errors: readonly { readonly name: string; readonly message: string }[]
}

export interface TestReport {
  /** Those that were run. */
  readonly tests: readonly TestResult[]
  /** Files that could not be loaded. */
  readonly unloaded: readonly { readonly file: string; readonly why: string }[]
}

const [path = '', selection = ''] = process.argv.slice(2)
const { files, named } = JSON.parse(selection) as Selection

const vitest = await startVitest('test', [...files], {
  root: process.cwd(),
  watch: false,
  reporters: [{ onTestRunEnd: (modules) => writeFileSync(path, JSON.stringify(reportOf(modules))) }],
  ...(named === undefined ? {} : { testNamePattern: named }),
})
await vitest.exit()

function reportOf(modules: readonly TestModule[]): TestReport {
  return {
    tests: modules.flatMap(({ children }) => [...children.allTests()].flatMap(resultOf)),
    unloaded: modules.flatMap((module) =>
      module.errors().map(({ message }) => ({ file: module.relativeModuleId, why: message })),
    ),
  }
}

function resultOf(test: TestCase): TestResult[] {
  const { state, errors = [] } = test.result()
  if (state !== 'passed' && state !== 'failed') return []
  return [
    {
      id: `${test.module.relativeModuleId} > ${test.fullName}`,
      title: test.fullName,
      passed: state === 'passed',
      errors: errors.map(({ name = 'Error', message }) => ({ name, message })),
    },
  ]
}
