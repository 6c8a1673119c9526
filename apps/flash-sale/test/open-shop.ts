import { freePort } from '@lockstep/testing/ports'
import { TestProcess } from '@lockstep/testing/processes'
import type { Backend } from '../src/backend.ts'
import { main } from './run.ts'

export interface OpenShop extends AsyncDisposable {
  readonly url: string
  /** The line that says where it is. */
  readonly greeting: string
}

/** A primary with its workers, on the server at `serverUrl`. */
export async function openShop(
  { adapter, variable }: Backend,
  serverUrl: string,
  ...options: readonly string[]
): Promise<OpenShop> {
  const port = await freePort()
  const args = ['--adapter', adapter, '--port', String(port), ...options]
  const shop = new TestProcess(main, { args, env: { [variable]: serverUrl } })
  const greeting = await shop.line(/open at http/)
  return { url: `http://127.0.0.1:${port}`, greeting, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() }
}
