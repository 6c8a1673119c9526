import type { RedisOptions } from '@lockstep/state-redis'
import type { Ground } from '@lockstep/testing/faults/ground'
import type { AdapterChoice } from '@lockstep/testing/members/adapter'
import { startFaultProxy } from '@lockstep/testing/proxy'
import type { OwnRedisServer } from '@lockstep/testing/servers/redis'

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
    way: async () => {
      const proxy = await startFaultProxy({ port: server.port })
      return {
        proxy,
        choice: redisWith({ ...options, url: `redis://${proxy.host}:${proxy.port}` }),
        [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
      }
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
  }
}
