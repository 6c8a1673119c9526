import { conformance } from '@lockstep/conformance'
import { memory } from '@lockstep/state-memory'
import { test } from 'vitest'

// Alone: the engine is in this process. Nothing is left out.
conformance({ test, adapter: () => memory() })
