import { createClusterState } from '@lockstep/state'
import { mysql } from '@lockstep/state-mysql'
import { connectionLimit, uri } from './mysql2.ts'
import type { Participant } from './participant.ts'
import { type Session, sessionAt, sessionTtl } from './session.ts'

/** Defaults throughout: leases of 10 s that extend themselves. */
export const lockstepOnMysql: Participant = {
  async open() {
    const state = await createClusterState({ adapter: mysql({ uri: uri(), connectionLimit }) })
    const sessions = state.entries.open<Session>('session:')
    let views = 0
    return {
      countWithin: (name) => state.counters.add(name, 1, { max: 1e9 }),
      countForAnHour: (name) => state.counters.add(name, 1, { max: 1e9, ttl: 3_600_000 }),
      take: (name) => state.counters.take(name),
      stock: (name, amount) => state.counters.set(name, amount),
      value: (name) => state.counters.get(name),
      async lock(name, work) {
        const lease = await state.locks.acquire(name)
        await work(lease.token)
        await lease.release()
      },
      setSession: (id) => sessions.set(id, sessionAt((views += 1)), { ttl: sessionTtl(views) }),
      getSession: (id) => sessions.get(id),
      touchSession: (id) => sessions.touch(id, sessionTtl((views += 1))),
    }
  },
}
