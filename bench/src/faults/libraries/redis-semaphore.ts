import { Mutex } from 'redis-semaphore'
import { connect } from './connect.ts'
import type { LockLibrary } from './library.ts'

/** It extends the lock and calls back when it finds it lost. */
export async function open(url: string): Promise<LockLibrary> {
  const redis = await connect(url)
  return {
    async acquire(name, lockTimeout) {
      const lost = Promise.withResolvers<unknown>()
      const mutex = new Mutex(redis, name, { lockTimeout, onLockLost: lost.resolve })
      await mutex.acquire()
      return {
        stillHeld: () => mutex.isAcquired,
        lost: lost.promise,
        release: () => mutex.release(),
      }
    },
  }
}
