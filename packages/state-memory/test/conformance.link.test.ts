import { conformance } from '@lockstep/conformance'
import { memory } from '@lockstep/state-memory'
import { startHost } from '@lockstep/state-memory/host'
import { afterAll, beforeAll, test } from 'vitest'

// Through the host, as in a cluster: every client has a link of its own. Nothing is left out.
let host: Awaited<ReturnType<typeof startHost>>
beforeAll(async () => {
  host = await startHost()
})
afterAll(() => host.close())

conformance({ test, adapter: () => memory() })
