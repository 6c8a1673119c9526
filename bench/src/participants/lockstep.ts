import { createClusterState } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import { start } from '@lockstep/state-memory/host'
import type { Participant } from './participant.ts'

/** In a worker over the link to the primary; in a process of its own, which has no such primary, by direct calls. */
export const lockstep: Participant = {
  serve: start,
  async open() {
    const state = await createClusterState({ adapter: memory() })
    return {
      count: (name) => state.counters.add(name, 1),
      async lock(name, work) {
        const lease = await state.locks.acquire(name)
        await work(lease.token)
        await lease.release()
      },
    }
  },
}
