import { conformance } from '@lockstep/conformance'
import { test } from 'vitest'
import { cohortMemory } from './cohort-memory.ts'

// What `state` does for a store whose processes hand a lock on keeps every promise too. Nothing is left out.
conformance({ test, adapter: () => cohortMemory() })
