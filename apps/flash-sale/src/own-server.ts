import { fork } from 'node:child_process'
import type { Backend } from './backend.ts'

/** From the process that keeps the server: where it is, or why there is none and how to get one. */
export type ServerReport = { readonly url: string } | { readonly unavailable: string }

export interface OwnServer extends AsyncDisposable {
  readonly url: string
}

/**
 * A server for this sale alone, which keeps nothing. A process of its own keeps it and ends it with this process, however that ends. Rejects with how to get
 * one when there is none.
 */
export async function startOwnServer({ adapter, variable, url, server }: Backend): Promise<OwnServer> {
  const keeper = fork(new URL(`../backends/${adapter}.ts`, import.meta.url), {
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
  // It is TypeScript as it stands, which an older Node does not run.
  const speechless = `Starting ${server} takes Node.js >= 22.18. Or name a running one: ${variable}=${url}`
  const report = await Promise.race([
    new Promise<ServerReport>((resolve) => keeper.once('message', (message) => resolve(message as ServerReport))),
    ended.then((): ServerReport => ({ unavailable: speechless })),
  ])
  if ('url' in report) return { url: report.url, [Symbol.asyncDispose]: close }
  await close()
  throw new Error(report.unavailable)
}
