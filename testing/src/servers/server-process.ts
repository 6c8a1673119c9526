import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { endAtExit, killGroup } from '../groups.ts'
import { stopped } from '../processes.ts'

/** How much of what it has said is kept, in characters: the end of it. */
const logLimit = 100_000

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  /** The name it is called by, if not that of the command. */
  readonly argv0?: string
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * The process of a server of ours: it is started, killed, made to stand still, and started again, and what it has said is there for who wants to know why. In a process
 * group of its own, so that its end takes what it forked along. POSIX only.
 */
export class ServerProcess {
  readonly #what: string
  readonly #patience: number
  #child: ChildProcess | undefined
  #paused = false
  #log = ''

  /** `what`: for messages. `patience`: milliseconds that a signal may take to end it. */
  constructor(what: string, patience: number) {
    this.#what = what
    this.#patience = patience
  }

  /** Absent while it does not run. */
  get pid(): number | undefined {
    return this.ended ? undefined : this.#child?.pid
  }

  /** Whether it is there to answer: neither ended nor paused. */
  get running(): boolean {
    return this.pid !== undefined && !this.#paused
  }

  /** It has ended by itself, or was never started. */
  get ended(): boolean {
    return this.#child?.exitCode !== null || this.#child.signalCode !== null
  }

  /** The end of what it has said since it was started. */
  get log(): string {
    return this.#log
  }

  /** Ends it with SIGTERM first if it runs. Resolves when there is a process; whether it answers the caller has to ask. */
  async start({ command, args, argv0 = command, env = {} }: Launch): Promise<ChildProcess> {
    await this.kill('SIGTERM')
    const child = spawn(command, args, {
      argv0,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#log = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#log = (this.#log + text).slice(-logLimit)))
    }
    this.#child = child
    this.#paused = false
    await once(child, 'spawn')
    if (child.pid !== undefined) endAtExit(child.pid)
    return child
  }

  /** Ends it with this signal, by default as a crash would; resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined) return
    if (!this.ended) {
      const exited = once(child, 'exit', { signal: AbortSignal.timeout(this.#patience) })
      child.kill(signal)
      // One that is paused would not heed it.
      child.kill('SIGCONT')
      await exited
    }
    // What it forked.
    killGroup(child.pid)
    this.#child = undefined
  }

  /** SIGSTOP; resolves when the process stands still. Linux only. */
  async pause(): Promise<void> {
    const pid = this.#mustRun()
    process.kill(pid, 'SIGSTOP')
    this.#paused = true
    await stopped(pid)
  }

  /** SIGCONT. */
  resume(): void {
    process.kill(this.#mustRun(), 'SIGCONT')
    this.#paused = false
  }

  #mustRun(): number {
    if (this.pid === undefined) throw new Error(`${this.#what} does not run.`)
    return this.pid
  }
}
