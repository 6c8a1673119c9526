export { redis } from './redis.ts'
export type { RedisClient, RedisNode, RedisOptions } from './options.ts'
