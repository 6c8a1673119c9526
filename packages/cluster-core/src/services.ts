import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { ClusterError, messageOf } from './errors.ts'

/** A primary service and what its `start()` is given. */
export interface ServiceChoice {
  /** A module, as the script would import it. */
  readonly name: string
  /** Checked by the service. Default: none. */
  readonly options?: object | undefined
}

/** The services of Lockstep's own packages. They are known by name only: the supervisor depends on none of them. */
const ownServices: readonly ServiceChoice[] = [{ name: '@lockstep/state-memory/host' }]

/** What the `start()` of a service module resolves with. */
export interface PrimaryService {
  /** Added to the environment of every worker. */
  readonly env: Readonly<Record<string, string>>
  /** Called once, when the last worker has gone. */
  close(): Promise<void>
}

/**
 * Start the named services one after the other; without names, those of our own that are installed where the script is.
 * The result stands for all of them. Rejects with `LOCKSTEP_CLUSTER_SERVICE_FAILED` when one fails to start (those
 * before it are closed again) or, from `close`, to close.
 */
export async function startServices(
  chosen: readonly ServiceChoice[] | undefined,
  script: string,
): Promise<PrimaryService> {
  const { resolve } = createRequire(pathToFileURL(script))
  const started: { name: string; service: PrimaryService }[] = []
  const close = (): Promise<void> => closeServices(started.toReversed())
  for (const { name, options } of chosen ?? ownServices) {
    try {
      const path = resolveService(name, resolve, chosen === undefined)
      if (path !== undefined) started.push({ name, service: await startService(path, options) })
    } catch (cause) {
      await close().catch(() => {}) // what failed first is the news
      throw failed(name, 'start', cause)
    }
  }
  return { env: Object.fromEntries(started.flatMap(({ service }) => Object.entries(service.env))), close }
}

function resolveService(name: string, resolve: NodeJS.RequireResolve, optional: boolean): string | undefined {
  try {
    return resolve(name)
  } catch (error) {
    if (optional && (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

async function startService(path: string, options: object | undefined): Promise<PrimaryService> {
  const { start } = (await import(pathToFileURL(path).href)) as {
    start?: (options?: object) => Promise<PrimaryService>
  }
  if (typeof start !== 'function') throw new Error(`${path} does not export start()`)
  return start(options)
}

async function closeServices(services: readonly { name: string; service: PrimaryService }[]): Promise<void> {
  let failure: ClusterError | undefined
  for (const { name, service } of services) {
    try {
      await service.close()
    } catch (cause) {
      failure ??= failed(name, 'close', cause)
    }
  }
  if (failure !== undefined) throw failure
}

function failed(name: string, step: 'start' | 'close', cause: unknown): ClusterError {
  const message = `The primary service ${name} failed to ${step}: ${messageOf(cause)}`
  return new ClusterError('LOCKSTEP_CLUSTER_SERVICE_FAILED', message, { cause })
}
