/** The primary's side of the memory adapter: a primary service, and one call for a primary of your own. */
import { startHost as listen } from '@lockstep/link'

/** What a primary service hands to its supervisor. */
export interface MemoryHost {
  /** For the workers: where the host is and the token that opens it. */
  readonly env: Readonly<Record<string, string>>
  /** End the host; every lease and value goes with it. */
  close(): Promise<void>
}

/** Start the host and give its address to whoever starts the workers. */
export async function start(): Promise<MemoryHost> {
  const host = await listen()
  return { env: host.env, close: () => host.close() }
}

/**
 * Start the host in a primary of your own. The address is put into `process.env`, so everything forked afterwards (`cluster.fork()`, `child_process.fork()`,
 * worker threads) finds it, and so does this process.
 *
 * @example
 * await startHost()
 * for (let n = 0; n < 4; n += 1) cluster.fork()
 */
export async function startHost(): Promise<MemoryHost> {
  const host = await start()
  Object.assign(process.env, host.env)
  return {
    env: host.env,
    close: async () => {
      for (const [name, value] of Object.entries(host.env)) if (process.env[name] === value) delete process.env[name]
      await host.close()
    },
  }
}
