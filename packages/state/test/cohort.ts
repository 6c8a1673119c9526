import { vi } from 'vitest'
import type { Lease, Locks } from '@lockstep/state'

/** What a store says while somebody else has the lock. */
export const taken = async () => ({ granted: false, expiresIn: 10_000, place: 1 }) as const

/** The leases of `count` callers who come one after the other. */
export function waiters(locks: Locks, count: number): Promise<Lease>[] {
  return Array.from({ length: count }, () => locks.acquire('a'))
}

/** A grant is handed on for some milliseconds, which a busy machine may not give us. `vi.useRealTimers()` starts it again. */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ['performance'] })
}
