// What an author of an adapter takes from @lockstep/state, and how its options are known by a word.
import {
  type AcquireAnswer,
  type AcquireRequest,
  type Adapter,
  type AdapterOptions,
  type AddAllOutcome,
  type AddAllRequest,
  type Call,
  type ChangeList,
  ClusterState,
  type ConnectContext,
  type Connection,
  type ConnectionHealth,
  type CounterChange,
  type CounterOutcome,
  type CounterStore,
  createClusterState,
  Entries,
  type EntryChange,
  type EntryOutcome,
  type EntryStore,
  type EntryValue,
  type ExtendRequest,
  type Failure,
  type Fence,
  type LockInspection,
  type LockListener,
  type LockOwner,
  type LockStore,
  monotonic,
  Turn,
  TypedEntries,
} from '@lockstep/state'

declare module '@lockstep/state' {
  interface AdapterOptions {
    postcards: { readonly address: string; readonly stamps?: number }
  }
}

const locks: LockStore = {
  cohort: 0,
  acquire: async ({ ttl }: AcquireRequest, { deadline }: Call): Promise<AcquireAnswer> =>
    monotonic() < deadline ? { granted: true, token: 1, expiresIn: ttl } : { granted: false, expiresIn: ttl, place: 1 },
  cancel: async (_request: LockOwner) => {},
  extend: async (requests: readonly ExtendRequest[]) => requests.map(() => true),
  release: async (_request: LockOwner) => true,
  inspect: async (): Promise<LockInspection> => ({ held: false, token: 0, expiresIn: 0 }),
  listen: (listener: LockListener) => listener.offered('owner'),
}

const counters: CounterStore = {
  immediate: true,
  apply: async ({ changes }: ChangeList<CounterChange>) => changes.map(counterOutcome),
  applyAll: async ({ changes }: AddAllRequest): Promise<AddAllOutcome> => ({
    applied: true,
    values: changes.map(({ delta }) => delta),
  }),
  read: async (_name: string, fence: Fence | undefined) => fence?.token ?? 0,
}

function counterOutcome(change: CounterChange): CounterOutcome | Failure {
  if (change.kind === 'delete') return { code: 'LOCKSTEP_STALE_TOKEN', message: 'no' }
  return { applied: true, value: change.kind === 'add' ? change.delta : change.value, expiresIn: null }
}

const entries: EntryStore = {
  apply: async ({ changes }: ChangeList<EntryChange>) =>
    changes.map(({ kind }): EntryOutcome => ({ applied: kind !== 'touch', version: 1 })),
  read: async (): Promise<EntryValue | null> => ({ value: 'x', version: 1, expiresIn: null }),
}

async function connect({ signal, turn }: ConnectContext): Promise<Connection> {
  signal.throwIfAborted()
  turn.send(() => {})
  const health: ConnectionHealth = { durability: 'It is in the post.', warnings: [] }
  return {
    capabilities: {
      locks: { fair: 'process', wake: 'poll' },
      counters: { addAll: 'samePlacement', safeRetry: 'withOperationId', fence: true },
      entries: { safeRetry: 'withOperationId', fence: true },
      queues: false,
      transactions: false,
    },
    locks,
    counters,
    entries,
    health: async () => health,
    close: async () => {},
  }
}

export function postcards(_options: AdapterOptions['postcards']): Adapter {
  return { name: 'postcards', connect }
}

export const direct: Promise<ClusterState> = createClusterState({ adapter: postcards({ address: 'here' }) })
export const byWord = createClusterState({ adapter: 'postcards', options: { address: 'here', stamps: 1 } })
export const classes = [ClusterState, Entries, Turn, TypedEntries]
