import { Verrou } from '@verrou/core'
import { redisStore } from '@verrou/core/drivers/redis'
import { connect, ttl } from './ioredis.ts'
import type { Participant } from './participant.ts'

/** It does not extend a lock by itself: https://verrou.dev/docs/introduction */
export const verrou: Participant = {
  async open() {
    const connection = await connect()
    const locks = new Verrou({ default: 'redis', stores: { redis: { driver: redisStore({ connection }) } } })
    return { lock: (name, work) => locks.createLock(name, ttl).run(work) }
  },
}
