import { createRequire } from 'node:module'
import type { Redis } from 'ioredis'
import { connect } from './connect.ts'
import type { LockLibrary } from './library.ts'

/** It comes without types. What is used of it. */
interface Redlock {
  acquireWithOptions(resource: string, ttl: number, options: { retryCount: number }): Promise<Lock>
}

interface Lock {
  /** On the clock of `Date.now()`. */
  readonly expiration: number
  unlock(): Promise<void>
}

const Redlock = createRequire(import.meta.url)('redlock-4') as new (clients: readonly Redis[]) => Redlock

/** It does not extend locks by itself and gives no signal; a lock knows its end. */
export async function open(url: string): Promise<LockLibrary> {
  const redlock = new Redlock([await connect(url)])
  return {
    async acquire(name, ttl) {
      const lock = await redlock.acquireWithOptions(name, ttl, { retryCount: 50 })
      return {
        stillHeld: () => lock.expiration > Date.now(),
        release: () => lock.unlock(),
      }
    },
  }
}
