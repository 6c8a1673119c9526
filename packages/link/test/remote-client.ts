import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Answer, Command, Operation } from '@lockstep/engine'
import { onTestFinished } from 'vitest'
import type { Host } from '../src/index.ts'

export const SOURCE = ['--conditions=@lockstep/source']

export function fixture(name: string): URL {
  return new URL(`fixtures/${name}`, import.meta.url)
}

/** A client in a process or thread of its own, ended with the test. */
export interface RemoteClient {
  readonly pid: number
  send<O extends Operation>(command: Command<O>): Promise<Answer<O>>
  /** Close the client and let its process end by itself; answers the exit code. */
  close(): Promise<number>
  /** End it without a chance to say anything. */
  kill(): Promise<unknown>
}

/** As `fork` starts it, or a cluster primary of the user. */
export async function forkClient(host: Host, script = 'client.ts'): Promise<RemoteClient> {
  const child = fork(fixture(script), { env: { ...process.env, ...host.env }, execArgv: SOURCE })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const exited = once(child, 'exit')
  const hear = async (): Promise<unknown> => ((await once(child, 'message')) as [unknown])[0]
  const pid = (await hear()) as number
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, 'SIGKILL')
  })
  return {
    pid,
    send: async (command) => {
      child.send(command)
      return (await hear()) as never
    },
    close: async () => {
      child.send('close')
      return ((await exited) as [number])[0]
    },
    kill: () => {
      process.kill(pid, 'SIGKILL')
      return exited
    },
  }
}

export async function startThread(host: Host): Promise<RemoteClient> {
  const worker = new Worker(fixture('client.ts'), { env: { ...process.env, ...host.env }, execArgv: SOURCE })
  onTestFinished(async () => {
    await worker.terminate()
  })
  const exited = once(worker, 'exit')
  const hear = async (): Promise<unknown> => ((await once(worker, 'message')) as [unknown])[0]
  const pid = (await hear()) as number
  return {
    pid,
    send: async (command) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
      worker.postMessage(command)
      return (await hear()) as never
    },
    close: async () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
      worker.postMessage('close')
      return ((await exited) as [number])[0]
    },
    kill: () => worker.terminate(),
  }
}
