import { conformance } from '@lockstep/conformance'
import { memory } from '@lockstep/state-memory'
import { type TemporaryFolder, temporaryFolder } from '@lockstep/testing/tmp'
import { afterAll, beforeAll, test } from 'vitest'

// Alone, with a journal that is opened anew by every test. Nothing is left out.
let folder: TemporaryFolder
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder[Symbol.asyncDispose]())

conformance({ test, adapter: () => memory({ journal: folder.path }) })
