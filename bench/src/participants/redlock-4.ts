import { createRequire } from 'node:module'
import type { Redis } from 'ioredis'
import { connect, ttl } from './ioredis.ts'
import type { Participant } from './participant.ts'

/** What is used of it here: it comes without types. */
interface Redlock {
  lock(resource: string, ttl: number): Promise<{ unlock(): Promise<void> }>
}

const require = createRequire(import.meta.url)
const Redlock = require('redlock-4') as new (clients: readonly Redis[]) => Redlock

/** It does not extend a lock by itself: https://github.com/mike-marcacci/node-redlock/tree/v4.2.0#usage-promise-style */
export const redlock4: Participant = {
  async open() {
    const redlock = new Redlock([await connect()])
    return {
      async lock(name, work) {
        const lock = await redlock.lock(name, ttl)
        await work()
        await lock.unlock()
      },
    }
  },
}
