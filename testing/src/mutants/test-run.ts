import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
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
  const group = child.pid ?? 0
  const kill = (): void => killGroup(group)
  let killing: NodeJS.Timeout | undefined
  const end = (): void => {
    tell(group, 'SIGTERM')
    killing = setTimeout(kill, grace)
  }
  const timer = setTimeout(() => {
    stuck = true
    end()
  }, limit)
  signal.addEventListener('abort', end, { once: true })
  process.once('exit', kill)
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    if (stuck || signal.aborted) await endGroup(group)
    else tell(group, 'SIGTERM')
    signal.throwIfAborted()
    return { ...(await readReport(report)), stuck, code, output }
  } finally {
    clearTimeout(timer)
    clearTimeout(killing)
    signal.removeEventListener('abort', end)
    process.off('exit', kill)
  }
}

/** Workers of vitest outlive it if it is ended by a signal: they are asked to leave, and killed if they do not. */
async function endGroup(group: number): Promise<void> {
  const late = AbortSignal.timeout(grace)
  while (tell(group, 'SIGTERM')) {
    if (late.aborted) return killGroup(group)
    // The kernel tells nobody when a group is empty.
    await sleep(20)
  }
}

/** `false`: nothing is left of the group. */
function tell(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

async function readReport(path: string): Promise<TestReport> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? { tests: [], unloaded: [] } : (JSON.parse(text) as TestReport)
}
