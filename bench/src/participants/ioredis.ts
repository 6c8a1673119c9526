import { Redis } from 'ioredis'
import type { Participant } from './participant.ts'

/** The environment variable that holds the path of the server's Unix socket, or its URL. */
export const redisAddress = 'BENCH_REDIS'

/** One command for each operation. */
export const plain: Participant = { open: () => open(false) }

/** The commands of one turn of the event loop leave as one pipeline: https://github.com/redis/ioredis#autopipelining */
export const autopipelining: Participant = { open: () => open(true) }

async function open(enableAutoPipelining: boolean): ReturnType<Participant['open']> {
  const redis = new Redis(process.env[redisAddress] ?? '', { enableAutoPipelining, lazyConnect: true })
  await redis.connect()
  return { count: (name) => redis.incrby(name, 1) }
}
