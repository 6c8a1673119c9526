import { findBinary } from '../src/servers/redis/binary.ts'
import type { Unavailable } from '../src/servers/unavailable.ts'

const binary = await findBinary()

/** Nothing where there is a redis-server, else why tests are skipped, for their titles. */
export const withoutRedis: string = typeof binary === 'string' ? '' : `: ${binary.unavailable}`

export function available<T extends object>(server: T | Unavailable): T {
  if ('unavailable' in server) throw new Error(server.unavailable)
  return server
}
