import { fork } from 'node:child_process'

/** From the process that keeps the server: where it is, or why there is none and how to get one. */
export type ServerReport = { readonly url: string } | { readonly unavailable: string }

export interface RedisServer extends AsyncDisposable {
  readonly url: string
}

/**
 * A redis-server for this sale alone, which keeps nothing on disk. A process of its own keeps it and ends it with this process, however that ends. Rejects
 * with how to get one when there is none.
 */
export async function startRedisServer(): Promise<RedisServer> {
  const keeper = fork(new URL('../backends/redis.ts', import.meta.url), {
    // Ctrl-C goes to the whole process group, and workers that finish what they have under way still need their store.
    detached: true,
    // stdout belongs to the result of --once.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => keeper.once('exit', () => resolve()))
  const close = async (): Promise<void> => {
    if (keeper.connected) keeper.disconnect()
    await ended
  }
  const report = await Promise.race([
    new Promise<ServerReport>((resolve) => keeper.once('message', (message) => resolve(message as ServerReport))),
    ended.then((): ServerReport => ({ unavailable: speechless })),
  ])
  if ('url' in report) return { url: report.url, [Symbol.asyncDispose]: close }
  await close()
  throw new Error(report.unavailable)
}

/** It is TypeScript as it stands, which an older Node does not run. */
const speechless =
  'Starting a redis-server takes Node.js >= 22.18. Or name a running one: LOCKSTEP_REDIS_URL=redis://127.0.0.1:6379'
