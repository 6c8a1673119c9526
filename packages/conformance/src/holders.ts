import type { ClusterState, Fence } from '@lockstep/state'

/**
 * A token of a lock that was never held, which every store takes: one that has forgotten what was before its start
 * refuses older ones.
 */
export function tokenOfNow(): number {
  return Date.now() * 1_000
}

/** Two holders of one lock, one after the other, as the store knows them. */
export async function twoHolders({ locks }: ClusterState, name: string): Promise<{ stale: Fence; fresh: Fence }> {
  const stale = await locks.using(name, ({ token }) => ({ name, token }))
  const fresh = await locks.using(name, ({ token }) => ({ name, token }))
  return { stale, fresh }
}
