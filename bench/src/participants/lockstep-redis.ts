import { createClusterState } from '@lockstep/state'
import { redis } from '@lockstep/state-redis'
import { redisAddress } from './ioredis.ts'
import type { Participant } from './participant.ts'

/** Defaults throughout: leases of 10 s that extend themselves. */
export const lockstepOnRedis: Participant = {
  async open() {
    const state = await createClusterState({ adapter: redis({ url: process.env[redisAddress] ?? '' }) })
    return {
      count: (name) => state.counters.add(name, 1),
      countWithin: (name) => state.counters.add(name, 1, { max: 1e12 }),
      value: (name) => state.counters.get(name),
      async lock(name, work) {
        const lease = await state.locks.acquire(name)
        await work(lease.token)
        await lease.release()
      },
    }
  },
}
