import type { Handlers } from '@lockstep/testing/calls'
import { TestProcess } from '@lockstep/testing/processes'
import type { ParticipantName } from '../participants/participant.ts'
import type { Primary } from './primary.ts'
import type { Worker } from './worker.ts'

type Answer<H extends Handlers, N extends keyof H> = Awaited<ReturnType<H[N]>>

/** The fewest that need shared state; all our figures are of two. */
const workers = 2

/** A participant at work: its primary and two workers, each a process. `H` is what the workers answer to. */
export class BenchCluster<H extends Handlers = Worker> implements AsyncDisposable {
  readonly #primary: TestProcess<Primary>

  /** `env` is for all its processes. */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#primary = new TestProcess(new URL('primary.ts', import.meta.url), { env, sources: false })
  }

  /** Resolves when every worker has the participant open, with what its `open` has answered. */
  async start(
    participant: ParticipantName,
    script: URL = new URL('worker.ts', import.meta.url),
  ): Promise<Answer<H, 'open'>[]> {
    return (await this.#primary.ask('start', participant, script.href, workers)) as Answer<H, 'open'>[]
  }

  /** Every worker at once. */
  async each<N extends keyof H & string>(name: N, ...args: Parameters<H[N]>): Promise<Answer<H, N>[]> {
    return (await this.#primary.ask('each', name, args)) as Answer<H, N>[]
  }

  /** One worker, while the others rest. */
  async first<N extends keyof H & string>(name: N, ...args: Parameters<H[N]>): Promise<Answer<H, N>> {
    return (await this.#primary.ask('first', name, args)) as Answer<H, N>
  }

  /** CPU time of the primary so far, in microseconds. */
  cpuTime(): Promise<number> {
    return this.#primary.ask('cpuTime')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#primary.ask('stop')
    await this.#primary[Symbol.asyncDispose]()
  }
}

/** A cluster of a participant whose workers run worker.ts. */
export async function startCluster(
  participant: ParticipantName,
  env: Readonly<Record<string, string>> = {},
): Promise<BenchCluster> {
  const cluster = new BenchCluster(env)
  await cluster.start(participant)
  return cluster
}
