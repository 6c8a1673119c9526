/** The primary's side of the memory adapter: a primary service, and one call for a primary of your own. */
import { startHost as open } from '@lockstep/link'
import { choiceOf, envOf } from './keeping.ts'
import { checkHostOptions } from './options.ts'
import type { KeepingOptions } from './options.ts'

export type { JournalOptions } from './journal/options.ts'
export type HostOptions = KeepingOptions

/** What a primary service hands to its supervisor. */
export interface MemoryHost {
  /** For the workers: where the host is and the token that opens it. */
  readonly env: Readonly<Record<string, string>>
  /** End the host. State that this process does not use itself goes with it. */
  close(): Promise<void>
}

/**
 * Open the state of this process to the processes that it starts. The address is put into `process.env` until the host is closed, so everything forked
 * afterwards (`cluster.fork()`, `child_process.fork()`, worker threads) finds it. Rejects with `UnavailableError` when there is no place for the socket, or the
 * journal cannot be opened: another process keeps it, its folder cannot be written, it is damaged; with `InvalidArgumentError` when the state of this process is
 * open already with other options.
 *
 * @example
 * await startHost()
 * for (let n = 0; n < 4; n += 1) cluster.fork()
 */
export async function startHost(options?: HostOptions): Promise<MemoryHost> {
  const keeping = checkHostOptions(options)
  const host = await open(choiceOf(keeping))
  const env = { ...host.env, ...envOf(keeping) }
  Object.assign(process.env, env)
  return {
    env,
    close: async () => {
      for (const [name, value] of Object.entries(env)) if (process.env[name] === value) delete process.env[name]
      await host.close()
    },
  }
}

/** `startHost`, by the name that a supervisor calls a primary service by. */
export function start(options?: HostOptions): Promise<MemoryHost> {
  return startHost(options)
}
