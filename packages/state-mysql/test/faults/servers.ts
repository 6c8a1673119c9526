import { type OwnMysqlServer, startOwnMysql, type Unavailable } from '@lockstep/testing/servers/mysql'

interface WithOptions {
  /** As on the command line of mariadbd. */
  readonly options?: readonly string[]
}

/** A server for each of these, with its options, so that each can be harmed alone. */
export async function startEach<Profile extends object>(
  profiles: readonly (Profile & WithOptions)[],
): Promise<(AsyncDisposable & { readonly started: readonly (Profile & { server: OwnMysqlServer })[] }) | Unavailable> {
  await using stack = new AsyncDisposableStack()
  const started: (Profile & { server: OwnMysqlServer })[] = []
  for (const profile of profiles) {
    const server = await startOwnMysql(profile.options)
    if ('unavailable' in server) return server
    started.push({ ...profile, server: stack.use(server) })
  }
  return Object.assign(stack.move(), { started })
}

/** SIGKILL, and a new start. */
export async function kill(server: OwnMysqlServer): Promise<void> {
  await server.kill()
  await server.restart()
}
