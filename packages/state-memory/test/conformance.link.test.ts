import { conformance } from '@lockstep/conformance'
import { memory } from '@lockstep/state-memory'
import { TestProcess } from '@lockstep/testing/processes'
import { afterAll, beforeAll, test, vi } from 'vitest'

// Through the host of another process, as in a cluster: every client has a link of its own. Nothing is left out.
let primary: TestProcess
beforeAll(async () => {
  primary = new TestProcess(new URL('fixtures/host.ts', import.meta.url))
  const { env } = await primary.message<{ env: Record<string, string> }>('host')
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
})
afterAll(() => primary[Symbol.asyncDispose]())

conformance({ test, adapter: () => memory() })
