import type { Unavailable } from '../../servers/unavailable.ts'
import type { Ground } from '../ground.ts'

/** What can be done to a server of our own. */
export interface OwnServer extends AsyncDisposable {
  kill(): Promise<void>
  restart(): Promise<void>
}

/** A kind of server that an adapter works on, for the tests that are the same on each. */
export interface ServerKind<Server extends OwnServer> {
  /** With these options of its command line. */
  readonly start: (options?: readonly string[]) => Promise<Server | Unavailable>
  readonly groundOf: (server: Server) => Ground
}

interface WithOptions {
  readonly options?: readonly string[]
}

/** A server for each of these, with its options, so that each can be harmed alone. */
export async function startEach<Server extends AsyncDisposable, Profile extends object>(
  start: (options?: readonly string[]) => Promise<Server | Unavailable>,
  profiles: readonly (Profile & WithOptions)[],
): Promise<(AsyncDisposable & { readonly started: readonly (Profile & { server: Server })[] }) | Unavailable> {
  await using stack = new AsyncDisposableStack()
  const started: (Profile & { server: Server })[] = []
  for (const profile of profiles) {
    const server = await start(profile.options)
    if ('unavailable' in server) return server
    started.push({ ...profile, server: stack.use(server) })
  }
  return Object.assign(stack.move(), { started })
}

/** SIGKILL, and a new start. */
export async function killAndRestart(server: OwnServer): Promise<void> {
  await server.kill()
  await server.restart()
}
