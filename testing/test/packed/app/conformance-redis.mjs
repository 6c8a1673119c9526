import { conformance, promises } from '@lockstep/conformance'
import { redis } from '@lockstep/state-redis'
import { test } from 'node:test'

const [url, prefix] = process.argv.slice(2)
console.log(`${Object.keys(promises).length} promises`)
conformance({ test, adapter: () => redis({ url, prefix }) })
