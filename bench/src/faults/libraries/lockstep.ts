import { createClusterState, StaleTokenError } from '@lockstep/state'
import { redis } from '@lockstep/state-redis'
import type { LockLibrary } from './library.ts'
import { aborted } from './using.ts'

/** It extends the lease, aborts its signal at its end, and checks its token at every access. */
export async function open(url: string): Promise<LockLibrary> {
  const { locks, counters } = await createClusterState({ adapter: redis({ url }) })
  return {
    async acquire(name, ttl) {
      const lease = await locks.acquire(name, { ttl })
      return {
        stillHeld: () => lease.held,
        lost: aborted(lease.signal),
        release: () => lease.release(),
        resource: {
          read: () => counters.get(name, { fence: lease }),
          write: (sold) => counters.set(name, sold, { fence: lease }).then(() => true, refused),
        },
      }
    },
  }
}

function refused(error: unknown): false {
  if (error instanceof StaleTokenError) return false
  throw error
}
