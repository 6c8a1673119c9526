import { Redis } from 'ioredis'
import type { Client, Participant } from './participant.ts'

/** The environment variable that holds the path of the server's Unix socket, or its URL. */
export const redisAddress = 'BENCH_REDIS'

/** Lifetime of a lock in milliseconds, the same for all that have locks. */
export const ttl = 10_000

/** One command for each operation. */
export const plain: Participant = { open: async () => client(await connect()) }

/** The commands of one turn of the event loop leave as one pipeline: https://github.com/redis/ioredis#autopipelining */
export const autopipelining: Participant = {
  open: async () => client(await connect({ enableAutoPipelining: true })),
}

/** The client that all participants on Redis are measured with, at its defaults. */
export async function connect(options: { readonly enableAutoPipelining?: boolean } = {}): Promise<Redis> {
  const redis = new Redis(process.env[redisAddress] ?? '', { ...options, lazyConnect: true })
  await redis.connect()
  return redis
}

/** The least that a lock needs: https://redis.io/docs/latest/commands/set/#patterns */
function client(redis: Redis): Client {
  redis.defineCommand('deleteIfEqual', {
    numberOfKeys: 1,
    lua: `return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1])`,
  })
  const scripts = redis as unknown as { deleteIfEqual(key: string, value: string): Promise<number | null> }
  let owners = 0
  return {
    count: (name) => redis.incr(name),
    value: async (name) => Number(await redis.get(name)),
    async lock(name, work) {
      const owner = `${process.pid}:${(owners += 1)}`
      if ((await redis.set(name, owner, 'PX', ttl, 'NX')) === null) throw new Error(`${name} is taken.`)
      await work()
      await scripts.deleteIfEqual(name, owner)
    },
  }
}
