import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'
import { findBinary } from '@lockstep/testing/servers/redis/binary'

const binary = await findBinary()

/** Nothing where there is a redis-server, else why tests are skipped, for their titles. */
export const withoutRedis: string = typeof binary === 'string' ? '' : `: ${binary.unavailable}`

/** A server of the test's own, that loses nothing it has acknowledged. */
export async function startDurableRedis(): Promise<OwnRedisServer> {
  const server = await startOwnRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  if ('unavailable' in server) throw new Error(server.unavailable)
  return server
}
