// As the README of @lockstep/conformance shows it.
import { conformance, promises } from '@lockstep/conformance'
import { memory } from '@lockstep/state-memory'
import { test } from 'node:test'

console.log(`${Object.keys(promises).length} promises`)
conformance({ test, adapter: () => memory() })
