import type { RedisServer } from '@lockstep/testing/servers/redis'
import { Redis } from 'ioredis'

/**
 * How many commands clients send while `work` runs, and what it has resolved with. MONITOR names `lua` as the source of what a script calls, which
 * is no message to the server; INFO commandstats counts both alike.
 */
export async function commandsSent<Result>(
  { url }: RedisServer,
  work: () => Promise<Result>,
): Promise<{ readonly sent: number; readonly result: Result }> {
  const redis = new Redis(url)
  const monitor = await redis.monitor()
  const end = Promise.withResolvers<void>()
  let sent = 0
  monitor.on('monitor', (_time: string, [command = '', argument]: string[], source: string) => {
    if (source === 'lua') return
    if (command === 'echo' && argument === mark) end.resolve()
    else sent += 1
  })
  try {
    const result = await work()
    await redis.echo(mark)
    await end.promise
    return { sent, result }
  } finally {
    monitor.disconnect()
    redis.disconnect()
  }
}

/** After it, MONITOR has told of all that came before. */
const mark = 'bench: the end'
