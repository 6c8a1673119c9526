/** The primary's side of the memory adapter: a primary service, and one call for a primary of your own. */
import { startHost as open } from '@lockstep/link'

/** What a primary service hands to its supervisor. */
export interface MemoryHost {
  /** For the workers: where the host is and the token that opens it. */
  readonly env: Readonly<Record<string, string>>
  /** End the host. State that this process does not use itself goes with it. */
  close(): Promise<void>
}

/**
 * Open the state of this process to the processes that it starts. The address is put into `process.env` until the host is closed, so everything forked
 * afterwards (`cluster.fork()`, `child_process.fork()`, worker threads) finds it. Rejects with `UnavailableError` when there is no place for the socket.
 *
 * @example
 * await startHost()
 * for (let n = 0; n < 4; n += 1) cluster.fork()
 */
export async function startHost(): Promise<MemoryHost> {
  const host = await open()
  Object.assign(process.env, host.env)
  return {
    env: host.env,
    close: async () => {
      for (const [name, value] of Object.entries(host.env)) if (process.env[name] === value) delete process.env[name]
      await host.close()
    },
  }
}

/** `startHost`, by the name that a supervisor calls a primary service by. */
export function start(): Promise<MemoryHost> {
  return startHost()
}
