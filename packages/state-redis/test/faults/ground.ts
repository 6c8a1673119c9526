import type { RedisOptions } from '@lockstep/state-redis'
import { type Ground, wayTo } from '@lockstep/testing/faults/ground'
import type { ServerKind } from '@lockstep/testing/faults/plan/servers'
import type { AdapterChoice } from '@lockstep/testing/members/adapter'
import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'

/** For members on the Redis adapter. */
export function redisWith(options: RedisOptions): AdapterChoice {
  return { module: new URL('../../src/index.ts', import.meta.url).href, name: 'redis', options }
}

/** For members on locks and counters made by hand. */
export function naiveOn(url: string): AdapterChoice {
  return { module: new URL('../fixtures/naive.ts', import.meta.url).href, name: 'naive', options: { url } }
}

/** What is the same in every line of the report about this server. */
export function subjectOf({ version }: { readonly version: string }): Pick<Ground, 'adapter' | 'store'> {
  return { adapter: 'redis', store: `redis-server ${version}` }
}

/** One server, and members with these options. */
export function groundOf(server: OwnRedisServer, options: RedisOptions = {}): Ground {
  return {
    ...subjectOf(server),
    direct: redisWith({ ...options, url: server.url }),
    way: () => wayTo(server.port, ({ host, port }) => redisWith({ ...options, url: `redis://${host}:${port}` })),
    pause: () => server.pause(),
    resume: () => server.resume(),
  }
}

export const redisKind: ServerKind<OwnRedisServer> = { start: startOwnRedis, groundOf }

/** Options of a server that keeps what it has acknowledged when it is killed. */
export const durable: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always']
