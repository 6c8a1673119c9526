import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from './connect.ts'
import type { LockLibrary } from './library.ts'

/** https://redis.io/docs/latest/commands/set/#patterns, with a monotonic clock beside it. */
export async function open(url: string): Promise<LockLibrary> {
  const redis = await connect(url)
  return {
    async acquire(name, ttl) {
      const owner = randomUUID()
      for (let tries = 0; tries < 200; tries += 1) {
        const end = performance.now() + ttl
        if (await redis.set(name, owner, 'PX', ttl, 'NX')) {
          return {
            stillHeld: () => performance.now() < end,
            release: () => redis.eval(deleteOwn, 1, name, owner),
          }
        }
        await sleep(50)
      }
      throw new Error(`${name} stayed taken.`)
    },
  }
}

const deleteOwn = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`
