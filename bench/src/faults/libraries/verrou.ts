import { Verrou } from '@verrou/core'
import { redisStore } from '@verrou/core/drivers/redis'
import { connect } from './connect.ts'
import type { LockLibrary } from './library.ts'

/** It does not extend locks by itself and gives no signal; a lock knows its end. */
export async function open(url: string): Promise<LockLibrary> {
  const driver = redisStore({ connection: await connect(url) })
  const verrou = new Verrou({ default: 'redis', stores: { redis: { driver } } })
  return {
    async acquire(name, ttl) {
      const lock = verrou.createLock(name, ttl)
      await lock.acquire()
      return {
        stillHeld: () => !lock.isExpired(),
        release: () => lock.release(),
      }
    },
  }
}
