import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killGroup } from '../groups.ts'
import type { Selection } from './mutant.ts'
import type { TestReport } from './report-tests.ts'

/** What came of a run of tests. */
export interface TestRun extends TestReport {
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

const program = fileURLToPath(new URL('report-tests.ts', import.meta.url))

/** Between asking the tests to end, servers and processes of theirs included, and killing them, in milliseconds. */
const grace = 5_000

/** Run the selected tests of the workspace in `folder`. */
export async function runTests(folder: string, selection: Selection, { limit, signal }: RunOptions): Promise<TestRun> {
  signal.throwIfAborted()
  const report = join(folder, 'mutants-report.json')
  await rm(report, { force: true })
  const child = spawn(process.execPath, [program, report, JSON.stringify(selection)], {
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
    return { ...(await readReport(report)), stuck, code, output }
  } finally {
    clearTimeout(timer)
    clearTimeout(killing)
    signal.removeEventListener('abort', end)
    process.off('exit', kill)
  }
}

async function readReport(path: string): Promise<TestReport> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? { tests: [], unloaded: [] } : (JSON.parse(text) as TestReport)
}
