// The packages for authors of adapters: the suite, the engine, the link.
import {
  type Addition,
  addsUp,
  agreesWithModel,
  type Caller,
  callerOf,
  conformance,
  type ConformanceOptions,
  firstWall,
  histories,
  lockNames,
  Model,
  modelCaller,
  type ModelOptions,
  presentVersion,
  promises,
  type PromiseGroup,
  type PromiseId,
  type PropertyOptions,
  type StateCall,
  type Step,
  type Time as ModelTime,
  type TimedStep,
} from '@lockstep/conformance'
import {
  type Answer,
  type Command,
  Engine,
  type EngineOptions,
  type EngineStats,
  type Operation,
  type Operations,
  type SnapshotRecord,
  type Time,
} from '@lockstep/engine'
import {
  type CommandLog,
  connectLink,
  type EngineChoice,
  type EngineClient,
  type EngineSource,
  type Host,
  type HostOptions,
  isHosting,
  type LinkAddress,
  linkFromEnv,
  type LinkOptions,
  type LogHealth,
  openLocal,
  replayEntry,
  startHost,
  timeNow,
} from '@lockstep/link'
import { createClusterState, differentOperation, type Failure, outOfRange, staleToken, Turn } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import { test } from 'node:test'

const group: PromiseGroup = 'waiting'
const id: PromiseId = 'properties/model'
const suite: ConformanceOptions = { test, adapter: () => memory(), without: [group, id], runs: 1, seed: 1 }
conformance(suite)
conformance({ test, adapter: async () => memory() })

export async function properties(call: StateCall, step: Step): Promise<unknown> {
  const callers: readonly Caller[] = [callerOf(await createClusterState({ adapter: memory() }))]
  const options: PropertyOptions = { callers, prefix: 'x:', runs: 1, seed: 1 }
  await addsUp(options)
  await agreesWithModel(options)
  const modelled: ModelOptions = { fenceFloor: 0 }
  const time: ModelTime = { now: 0, wall: firstWall }
  const addition: Addition = { name: 'x', delta: 1 }
  const timed: TimedStep = { client: 'c', after: 0, wallAfter: 0, step }
  return [
    new Model(modelled).execute('c', step, time),
    await modelCaller(new Model(modelled), 'c')(call),
    call,
    addition,
    timed,
    histories,
    lockNames,
    presentVersion,
    promises[id],
  ]
}

export const refusals: readonly Failure[] = [
  outOfRange('stock', 1, 2),
  staleToken('stock', { name: 'lock', token: 1 }, 2),
  differentOperation('order 7'),
]

export function engine(): [EngineStats, readonly SnapshotRecord[]] {
  const started: Time = { now: 0, wall: firstWall }
  const options: EngineOptions = { started, onOffer: (client, owner) => `${client} ${owner}` }
  const machine = new Engine(options)
  const operation: Operation & keyof Operations = 'acquire'
  const command: Command<'acquire'> = { op: operation, name: 'a', owner: 'o', ttl: 1, wait: 0, reserve: 0 }
  const answer: Answer<'acquire'> | { code: string } = machine.execute('client', command, started)
  return 'granted' in answer ? [machine.stats(), machine.snapshot(started)] : [machine.stats(), []]
}

/** A log that forgets, and the engine that comes of it. */
export function kept(entries: readonly unknown[]): EngineChoice {
  const health: LogHealth = { durability: 'none', warnings: [] }
  const log: CommandLog = { append: () => undefined, health: () => health, close: async () => {} }
  const source: EngineSource = {
    id: 'nowhere',
    open: async (options) => {
      const engine = new Engine({ ...options, started: timeNow() })
      for (const entry of entries) replayEntry(engine, entry)
      return { engine, log }
    },
  }
  return { source, operationRetention: 60_000 }
}

export async function link(): Promise<EngineClient[]> {
  const options: HostOptions = { stallTimeout: 1_000 }
  const host: Host = await startHost(options)
  const address: LinkAddress | undefined = linkFromEnv(host.env)
  const client: LinkOptions = { path: host.path, token: address?.token ?? '', turn: new Turn() }
  return isHosting() ? [await openLocal()] : [await connectLink(client)]
}
