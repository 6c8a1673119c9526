import type { Unavailable } from './servers/unavailable.ts'
import { afterAll, expect, test } from 'vitest'

/** Define tests on a server that ends with them; where there is none, one that is skipped and says how to get it. */
export async function withServer<Server extends object>(
  what: string,
  start: () => Promise<(Server & AsyncDisposable) | Unavailable>,
  define: (server: Server) => void,
): Promise<void> {
  const server = await start()
  const found = 'unavailable' in server ? server.unavailable : 'there is a server'
  test.skipIf('unavailable' in server)(`${what}: ${found}`, () => {
    expect(server).not.toHaveProperty('unavailable')
  })
  if ('unavailable' in server) return
  afterAll(() => server[Symbol.asyncDispose]())
  define(server)
}
