import { spawn } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Exit } from '../processes.ts'
import { endAtExit, killGroup } from '../groups.ts'

export interface RunOptions {
  /** The working directory. */
  readonly in: string
  /** Added to an environment that is empty but for what the system needs: no option of the test runner or of npm reaches the process. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds after which the process, and all that it started, is killed. Default a minute. */
  readonly patience?: number
}

export interface Run extends Exit {
  readonly stdout: string
  readonly stderr: string
}

/** Run a program to its end. What it has started and left running is killed then. POSIX only. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const child = spawn(program, args, {
    cwd: options.in,
    env: { ...bare(program), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject).once('exit', (code, signal) => resolve({ code, signal }))
  })
  const { pid } = child
  if (pid === undefined) return { ...(await ended), stdout: '', stderr: '' }
  endAtExit(pid)
  const timer = setTimeout(() => killGroup(pid), options.patience ?? 60_000)
  const output = [text(child.stdout), text(child.stderr)] as const
  const exit = await ended
  clearTimeout(timer)
  killGroup(pid)
  const [stdout, stderr] = await Promise.all(output)
  return { ...exit, stdout, stderr }
}

/** As `run`; rejects with what it wrote when it did not end well. */
export async function mustRun(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, signal, stdout, stderr } = await run(program, args, options)
  if (code === 0) return stdout
  throw new Error(`${program} ${args.join(' ')} ended with ${signal ?? code}:\n${stdout}\n${stderr}`)
}

function bare(program: string): Record<string, string> {
  const { PATH = '', HOME, TMPDIR } = process.env
  // What the program starts by the name of node is the same Node.
  const path = program.includes('/') ? `${dirname(program)}${delimiter}${PATH}` : PATH
  return { PATH: path, ...(HOME && { HOME }), ...(TMPDIR && { TMPDIR }) }
}
