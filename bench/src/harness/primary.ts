/** The process at the head of a `BenchCluster`: a participant's service and its workers, under `node:cluster` alone. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { answer, Calls } from '@lockstep/testing/calls'
import { participants, type ParticipantName, type Service } from '../participants/participant.ts'
import { cpuTime } from './cpu.ts'

let service: Service | undefined
let workers: readonly { readonly worker: Worker; readonly calls: Calls }[] = []

const handlers = {
  /** Resolves with what each worker's `open` has answered. */
  async start(name: ParticipantName, script: string, count: number): Promise<unknown[]> {
    const participant = await participants[name]()
    service = await participant.serve?.()
    cluster.setupPrimary({ exec: fileURLToPath(script) })
    workers = Array.from({ length: count }, () => fork(service?.env ?? {}))
    return handlers.each('open', [name])
  },
  each: (name: string, args: readonly unknown[]): Promise<unknown[]> =>
    Promise.all(workers.map(({ calls }) => calls.ask(name, ...(args as never[])))),
  first: async (name: string, args: readonly unknown[]): Promise<unknown> =>
    workers[0]?.calls.ask(name, ...(args as never[])),
  cpuTime,
  async stop(): Promise<void> {
    for (const { worker } of workers) {
      worker.process.kill('SIGKILL')
      await once(worker, 'exit')
    }
    await service?.close()
  },
}

export type Primary = typeof handlers

function fork(env: Readonly<Record<string, string>>): (typeof workers)[number] {
  const worker = cluster.fork(env)
  const calls = new Calls(worker)
  worker.once('exit', (code, signal) => calls.close(new Error(`A worker has ended (${signal || code}).`)))
  return { worker, calls }
}

process.once('disconnect', () => process.exit())
answer(handlers)
