import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Calls, type Handlers } from './calls.ts'
import { endAtExit, killGroup } from './groups.ts'

export interface ProcessOptions {
  readonly args?: readonly string[]
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether the packages of the workspace are run from their sources rather than from `dist`; by default they are. */
  readonly sources?: boolean
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** How long a wait of this file lasts before it fails, in milliseconds: far above what a busy machine needs. */
const patience = 10_000

/**
 * A Node script running as a process of its own, in a process group of its own, so that its end takes what it forked
 * along. `H` is the type of the handlers that the script gives to `answer` (calls.ts). POSIX only.
 *
 *     await using holder = new TestProcess<Handlers>(new URL('fixtures/holder.ts', import.meta.url))
 *     await holder.message('ready')
 */
export class TestProcess<H extends Handlers = Handlers> implements AsyncDisposable {
  readonly pid: number
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess
  readonly #calls: Calls<H>
  readonly #messages: unknown[] = []
  readonly #news = new EventEmitter()
  #output = ''
  #ended = false

  constructor(script: URL, { args = [], env = {}, sources = true }: ProcessOptions = {}) {
    this.#child = fork(script, args, {
      env: { ...process.env, ...env },
      execArgv: sources ? ['--conditions=@lockstep/source'] : [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    })
    if (this.#child.pid === undefined) throw new Error(`Could not start ${script.pathname}.`)
    this.pid = this.#child.pid
    endAtExit(this.pid)
    this.#calls = new Calls(this.#child)
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    this.#child.once('close', (code, signal) => {
      this.#ended = true
      this.#calls.close(new Error(`The process has ended (${signal ?? code}). ${this.#said()}`))
      this.#news.emit('news')
    })
    this.#child.on('message', (message) => {
      this.#messages.push(message)
      this.#news.emit('news')
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        this.#news.emit('news')
      })
    }
  }

  /** All that it has written to stdout and stderr so far. */
  get output(): string {
    return this.#output
  }

  /** Call a handler of the script. Rejects with what it threw, or when the process ends first. */
  ask<N extends keyof H & string>(name: N, ...args: Parameters<H[N]>): Promise<Awaited<ReturnType<H[N]>>> {
    return this.#calls.ask(name, ...args)
  }

  /** The next message that is `type`, or an object with this `type`; messages before it stay for later calls. */
  message<T = unknown>(type: string): Promise<T> {
    return this.#until(`the message ${type}`, () => {
      const index = this.#messages.findIndex((message) => message === type || typeOf(message) === type)
      return index < 0 ? undefined : (this.#messages.splice(index, 1)[0] as T)
    })
  }

  /** The first line of output that matches. */
  line(pattern: RegExp): Promise<string> {
    return this.#until(`a line like ${pattern}`, () => this.#output.split('\n').find((line) => pattern.test(line)))
  }

  /** SIGSTOP; resolves when the process stands still. Linux only. */
  async stop(): Promise<void> {
    process.kill(this.pid, 'SIGSTOP')
    await stopped(this.pid)
  }

  /** SIGCONT. */
  resume(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  /** A signal to the process alone, by default SIGKILL; resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.#child.kill(signal)
    return this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    killGroup(this.pid)
    await this.exited
  }

  async #until<T>(what: string, find: () => T | undefined): Promise<T> {
    const late = AbortSignal.timeout(patience)
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (this.#ended) throw new Error(`The process ended before ${what}. ${this.#said()}`)
      if (late.aborted) throw new Error(`Waited ${patience} ms for ${what}. ${this.#said()}`)
      await once(this.#news, 'news', { signal: late }).catch(() => undefined)
    }
  }

  #said(): string {
    return this.#output === '' ? 'It has written nothing.' : `It has written:\n${this.#output}`
  }
}

/** Resolves when the process stands still: a SIGSTOP is delivered some time after `kill` returns. Linux only. */
export async function stopped(pid: number): Promise<void> {
  const end = performance.now() + patience
  while ((await stateOf(pid)) !== 'T') {
    if (performance.now() > end) throw new Error(`Process ${pid} did not stop within ${patience} ms.`)
    // The kernel tells nobody: /proc has to be looked at again.
    await sleep(2)
  }
}

/** The state letter of a process: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name of the command, in brackets, and may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2)[0]
}

function typeOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined
}
