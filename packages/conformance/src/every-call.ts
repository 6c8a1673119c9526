import type { CallOptions, ClusterState } from '@lockstep/state'

/** One call, ready to be made. */
export interface NamedCall {
  readonly primitive: 'locks' | 'counters' | 'entries'
  /** As users type it. */
  readonly title: string
  readonly make: () => Promise<unknown>
}

/**
 * Every call of the contract about `name`, in an order in which each is applied. `lead` is left out: it settles on its
 * own terms.
 */
export function everyCall(
  { locks, counters, entries }: ClusterState,
  name: string,
  options: CallOptions = {},
): NamedCall[] {
  // `acquire` settles by wait and timeout together.
  const waiting = { ...options, wait: 1_000 }
  const calls: Record<NamedCall['primitive'], Record<string, () => Promise<unknown>>> = {
    locks: {
      acquire: async () => (await locks.acquire(name, waiting)).release(),
      tryAcquire: async () => (await locks.tryAcquire(name, options))?.release(),
      using: () => locks.using(name, waiting, () => 'done'),
      tryUsing: () => locks.tryUsing(name, options, () => 'done'),
      inspect: () => locks.inspect(name, options),
    },
    counters: {
      add: () => counters.add(name, 1, options),
      take: () => counters.take(name, 1, options),
      addAll: () => counters.addAll([{ name, delta: 1 }], options),
      set: () => counters.set(name, 1, options),
      compareAndSet: () => counters.compareAndSet(name, 1, 2, options),
      get: () => counters.get(name, options),
      delete: () => counters.delete(name, options),
    },
    entries: {
      set: () => entries.set(name, 'value', options),
      touch: () => entries.touch(name, 60_000, options),
      get: () => entries.get(name, options),
      delete: () => entries.delete(name, options),
    },
  }
  return Object.entries(calls).flatMap(([primitive, group]) =>
    Object.entries(group).map(([method, make]) => ({
      primitive: primitive as NamedCall['primitive'],
      title: `${primitive}.${method}`,
      make,
    })),
  )
}
