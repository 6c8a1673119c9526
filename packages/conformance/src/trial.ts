import { createClusterState, Turn, type Adapter, type ClusterState, type Connection } from '@lockstep/state'
import { randomBytes } from 'node:crypto'
import type { PromiseGroup, PromiseId } from './promises.ts'

/** What the test of one promise is given. What it opens is closed when it ends. */
export interface Trial {
  /** One more client of the store, as another process would be. */
  client(): Promise<ClusterState>
  /** The same, under `state`: what adapters carry out themselves. */
  connection(): Promise<Connection>
  /** A name that nobody else uses. All names of a trial have the same placement. */
  name(label: string): string
  /** Of property tests. */
  readonly runs: number
  readonly seed: number | undefined
}

export type Test = (trial: Trial) => Promise<void>

/** A test for each promise of a group. */
export type Tests<Group extends PromiseGroup> = {
  readonly [Id in PromiseId as Id extends `${Group}/${string}` ? Id : never]: Test
}

export interface TrialOptions {
  readonly adapter: () => Adapter | Promise<Adapter>
  readonly runs: number
  readonly seed: number | undefined
}

export async function attempt(test: Test, { adapter, runs, seed }: TrialOptions): Promise<void> {
  const opened: { close(): Promise<void> }[] = []
  const tag = randomBytes(9).toString('base64url')
  try {
    await test({
      client: async () => {
        const state = await createClusterState({ adapter: await adapter() })
        opened.push(state)
        return state
      },
      connection: async () => {
        const context = { signal: new AbortController().signal, turn: new Turn() }
        const connection = await (await adapter()).connect(context)
        opened.push(connection)
        return connection
      },
      name: (label) => `{${tag}}${label}`,
      runs,
      seed,
    })
  } finally {
    await Promise.all(opened.map((one) => one.close()))
  }
}
