import { Redis } from 'ioredis'

/** With the settings that ioredis has by default, as the manuals of the libraries use it. */
export async function connect(url: string): Promise<Redis> {
  const redis = new Redis(url)
  // It reconnects by itself; with nobody listening it would write every attempt to stderr.
  redis.on('error', () => {})
  await redis.ping()
  return redis
}
