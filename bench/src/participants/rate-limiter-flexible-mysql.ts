import { createPool } from 'mysql2'
import { RateLimiterMySQL } from 'rate-limiter-flexible'
import { connectionLimit, uri } from './mysql2.ts'
import type { Participant } from './participant.ts'

/** With no limit within reach: https://github.com/animir/node-rate-limiter-flexible/wiki/MySQL */
export const rateLimiterFlexibleOnMysql: Participant = {
  async open() {
    const storeClient = createPool({ uri: uri(), connectionLimit })
    const dbName = new URL(uri()).pathname.slice(1)
    const limiter = async (tableName: string, duration: number): Promise<RateLimiterMySQL> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const ready = (error?: Error): void => (error ? reject(error) : resolve())
      const options = { storeClient, storeType: 'pool', dbName, tableName, points: 1e9, duration }
      const made = new RateLimiterMySQL(options, ready)
      await promise
      return made
    }
    const endless = await limiter('bench_limits', 0)
    const hourly = await limiter('bench_hourly_limits', 3600)
    return { countWithin: (name) => endless.consume(name), countForAnHour: (name) => hourly.consume(name) }
  },
}
