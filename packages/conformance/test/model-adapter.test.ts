import { describe, test } from 'vitest'
import { conformance } from '../src/index.ts'
import { ModelStore } from './model-adapter.ts'

describe('the suite and the naive model agree', () => {
  const store = new ModelStore()
  conformance({ test, adapter: store.adapter })
})
