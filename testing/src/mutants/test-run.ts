import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, realpath, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { killGroup } from '../groups.ts'
import type { Selection } from './mutant.ts'

export interface TestResult {
  /** File and full title. */
  readonly id: string
  readonly title: string
  readonly passed: boolean
  /** Of a failure: each with its stack. */
  readonly messages: readonly string[]
}

/** What vitest reported. */
export interface TestRun {
  /** Those that were run. */
  readonly tests: readonly TestResult[]
  /** Files without tests to run, because loading them failed. */
  readonly unloaded: readonly { readonly file: string; readonly why: string }[]
  /** It had not ended by its time limit and was killed. */
  readonly stuck: boolean
  readonly code: number | null
  /** What it wrote. */
  readonly output: string
}

export interface RunOptions {
  /** Milliseconds. */
  readonly limit: number
  /** Ends the run; it then rejects with the signal's reason. */
  readonly signal: AbortSignal
}

/** The part of vitest's JSON report that we read: https://vitest.dev/guide/reporters.html#json-reporter */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

/** Between asking the tests to end, servers and processes of theirs included, and killing them, in milliseconds. */
const grace = 5_000

/** Run the selected tests of the workspace in `folder`. */
export async function runTests(
  folder: string,
  { files, named }: Selection,
  { limit, signal }: RunOptions,
): Promise<TestRun> {
  signal.throwIfAborted()
  const report = join(folder, 'mutants-report.json')
  await rm(report, { force: true })
  const args = ['run', ...files, '--reporter=json', `--outputFile=${report}`]
  if (named !== undefined) args.push('--testNamePattern', named)
  const child = spawn(process.execPath, [join(folder, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: folder,
    detached: true,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, LOCKSTEP_TEST_RESULTS: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  let stuck = false
  let killing: NodeJS.Timeout | undefined
  const end = (): void => {
    child.kill('SIGTERM')
    killing = setTimeout(() => killGroup(child.pid ?? 0), grace)
  }
  const kill = (): void => killGroup(child.pid ?? 0)
  const timer = setTimeout(() => {
    stuck = true
    end()
  }, limit)
  signal.addEventListener('abort', end, { once: true })
  process.once('exit', kill)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    signal.throwIfAborted()
    return { ...(await readReport(report, folder)), stuck, code, output }
  } finally {
    clearTimeout(timer)
    clearTimeout(killing)
    signal.removeEventListener('abort', end)
    process.off('exit', kill)
  }
}

async function readReport(path: string, folder: string): Promise<Pick<TestRun, 'tests' | 'unloaded'>> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return { tests: [], unloaded: [] }
  const root = await realpath(folder)
  const files = (JSON.parse(text) as Report).testResults
  return {
    tests: files.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'passed' || status === 'failed')
        .map(({ fullName, status, failureMessages = [] }) => ({
          id: `${relative(root, name)} > ${fullName}`,
          title: fullName,
          passed: status === 'passed',
          messages: failureMessages,
        })),
    ),
    unloaded: files
      .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
      .map(({ name, message }) => ({ file: relative(root, name), why: message })),
  }
}
