import { RateLimiterCluster, RateLimiterClusterMaster, RateLimiterRedis } from 'rate-limiter-flexible'
import { connect } from './ioredis.ts'
import type { Participant } from './participant.ts'

/**
 * The cluster limiter, with no duration and no limit within reach: it does no more than count.
 * https://github.com/animir/node-rate-limiter-flexible/wiki/Cluster
 */
export const rateLimiterFlexible: Participant = {
  async serve() {
    // It listens to the workers from now on, and is never closed.
    void new RateLimiterClusterMaster()
    return { env: {}, close: async () => {} }
  },
  async open() {
    const limiter = new RateLimiterCluster({ keyPrefix: 'bench', points: Number.MAX_SAFE_INTEGER, duration: 0 })
    await limiter.consume('ready')
    return { count: (name) => limiter.consume(name) }
  },
}

/**
 * The limiter on Redis, with no limit within reach. With a duration (in seconds) it is one script, its faster way.
 * https://github.com/animir/node-rate-limiter-flexible/wiki/Redis
 */
export const rateLimiterFlexibleOnRedis: Participant = {
  async open() {
    const storeClient = await connect()
    const limiter = new RateLimiterRedis({ storeClient, points: Number.MAX_SAFE_INTEGER, duration: 3600 })
    return { countWithin: (name) => limiter.consume(name) }
  },
}
