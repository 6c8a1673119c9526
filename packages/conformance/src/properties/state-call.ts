import { isStateError, type ClusterState, type Fence, type Lease } from '@lockstep/state'

interface Fenced {
  readonly fence?: Fence
}

export interface Addition {
  readonly name: string
  readonly delta: number
  readonly min?: number
  readonly max?: number
}

interface Operation extends Fenced {
  readonly operationId?: string
}

/** One call of the public API as plain data, so that it can be generated, printed, and sent to another process. */
export type StateCall =
  | ({ readonly do: 'counters.add'; readonly ttl?: number } & Addition & Operation)
  | ({ readonly do: 'counters.take'; readonly name: string; readonly n: number } & Operation)
  | ({ readonly do: 'counters.addAll'; readonly additions: readonly Addition[] } & Operation)
  | ({ readonly do: 'counters.get' | 'counters.delete' | 'entries.get'; readonly name: string } & Fenced)
  | ({ readonly do: 'counters.set'; readonly name: string; readonly value: number } & Fenced)
  | ({
      readonly do: 'counters.compareAndSet'
      readonly name: string
      readonly expected: number
      readonly value: number
    } & Fenced)
  | ({
      readonly do: 'entries.set'
      readonly name: string
      readonly value: string
      readonly ttl?: number
      readonly maxLifetime?: number
      readonly ifVersion?: number
    } & Fenced)
  | { readonly do: 'entries.touch'; readonly name: string; readonly ttl: number }
  | ({ readonly do: 'entries.delete'; readonly name: string; readonly tombstone?: number } & Fenced)
  /** `lease` is a word by which the same client names the lease later; leases themselves do not travel. */
  | { readonly do: 'locks.tryAcquire'; readonly name: string; readonly lease: string; readonly ttl: number }
  | { readonly do: 'locks.release'; readonly lease: string }
  | { readonly do: 'locks.inspect'; readonly name: string }

/**
 * One client: makes a call and resolves with its answer as plain data; `tryAcquire` with `{ token }` or `null`, what
 * rejects with a `StateError` with `{ failed: code }`.
 */
export type Caller = (call: StateCall) => Promise<unknown>

/** The client that makes calls of `state`. */
export function callerOf(state: ClusterState): Caller {
  const leases = new Map<string, Lease>()
  return async (call) => {
    try {
      return await make(state, leases, call)
    } catch (error) {
      if (isStateError(error)) return { failed: error.code }
      throw error
    }
  }
}

async function make(
  { locks, counters, entries }: ClusterState,
  leases: Map<string, Lease>,
  call: StateCall,
): Promise<unknown> {
  switch (call.do) {
    case 'counters.add':
      return counters.add(call.name, call.delta, call)
    case 'counters.take':
      return counters.take(call.name, call.n, call)
    case 'counters.addAll':
      return counters.addAll(call.additions, call)
    case 'counters.get':
      return counters.get(call.name, call)
    case 'counters.set':
      return counters.set(call.name, call.value, call)
    case 'counters.compareAndSet':
      return counters.compareAndSet(call.name, call.expected, call.value, call)
    case 'counters.delete':
      return counters.delete(call.name, call)
    case 'entries.get':
      return entries.get(call.name, call)
    case 'entries.set':
      return entries.set(call.name, call.value, call)
    case 'entries.touch':
      return entries.touch(call.name, call.ttl)
    case 'entries.delete':
      return entries.delete(call.name, call)
    case 'locks.tryAcquire': {
      const lease = await locks.tryAcquire(call.name, { ttl: call.ttl })
      if (lease !== null) leases.set(call.lease, lease)
      return lease && { token: lease.token }
    }
    case 'locks.release': {
      const lease = leases.get(call.lease)
      leases.delete(call.lease)
      return (await lease?.release()) ?? false
    }
    case 'locks.inspect':
      return locks.inspect(call.name)
  }
}
