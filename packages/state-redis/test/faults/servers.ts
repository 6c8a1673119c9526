import { type OwnRedisServer, startOwnRedis, type Unavailable } from '@lockstep/testing/servers/redis'

interface WithOptions {
  /** As on the command line of redis-server. */
  readonly options?: readonly string[]
}

/** A server for each of these, with its options, so that each can be harmed alone. */
export async function startEach<Profile extends object>(
  profiles: readonly (Profile & WithOptions)[],
): Promise<(AsyncDisposable & { readonly started: readonly (Profile & { server: OwnRedisServer })[] }) | Unavailable> {
  await using stack = new AsyncDisposableStack()
  const started: (Profile & { server: OwnRedisServer })[] = []
  for (const profile of profiles) {
    const server = await startOwnRedis(profile.options)
    if ('unavailable' in server) return server
    started.push({ ...profile, server: stack.use(server) })
  }
  return Object.assign(stack.move(), { started })
}

/** Options of a server that keeps what it has acknowledged when it is killed. */
export const durable: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always']

/** SIGKILL, and a new start. */
export async function kill(server: OwnRedisServer): Promise<void> {
  await server.kill()
  await server.restart()
}
