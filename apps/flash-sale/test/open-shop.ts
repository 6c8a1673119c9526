import { freePort } from '@lockstep/testing/ports'
import { TestProcess } from '@lockstep/testing/processes'
import { main } from './run.ts'

export interface OpenShop extends AsyncDisposable {
  readonly url: string
  /** The line that says where it is. */
  readonly greeting: string
}

/** A primary with its workers, on the Redis at `redisUrl`. */
export async function openShop(redisUrl: string, ...options: readonly string[]): Promise<OpenShop> {
  const port = await freePort()
  const args = ['--adapter', 'redis', '--port', String(port), ...options]
  const shop = new TestProcess(main, { args, env: { LOCKSTEP_REDIS_URL: redisUrl } })
  const greeting = await shop.line(/open at http/)
  return { url: `http://127.0.0.1:${port}`, greeting, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() }
}
