import { conformance } from '@lockstep/conformance'
import { memory } from '@lockstep/state-memory'
import { TestProcess } from '@lockstep/testing/processes'
import { type TemporaryFolder, temporaryFolder } from '@lockstep/testing/tmp'
import { afterAll, beforeAll, test, vi } from 'vitest'

// Through the host of another process that keeps a journal. Nothing is left out.
let folder: TemporaryFolder
let primary: TestProcess
beforeAll(async () => {
  folder = await temporaryFolder()
  primary = new TestProcess(new URL('../fixtures/journaled-host.ts', import.meta.url), { args: [folder.path] })
  const { env } = await primary.message<{ env: Record<string, string> }>('host')
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await primary[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

conformance({ test, adapter: () => memory() })
