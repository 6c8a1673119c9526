import type { Adapter, LockStore } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'

/** Hand-overs within one grant, as many as the adapters for stores across a network allow. */
const cohort = 8

/**
 * The memory adapter as one whose processes hand a lock on to their own waiters, with every state in the place of a process. It answers at once; what lies
 * between a process and a store across a network is what `between` makes of it.
 */
export function cohortMemory(between: (locks: LockStore) => LockStore = (locks) => locks): Adapter {
  const adapter = memory()
  return {
    name: adapter.name,
    connect: async (context) => {
      const connection = await adapter.connect(context)
      const { capabilities, locks } = connection
      if (locks === undefined || capabilities.locks === false) throw new Error('the memory adapter has locks')
      return {
        ...connection,
        capabilities: { ...capabilities, locks: { ...capabilities.locks, fair: 'cohort' } },
        locks: { ...between(locks), cohort },
      }
    },
  }
}
