// Every client has a link of its own to the host, which is another process.
import { conformance, promises } from '@lockstep/conformance'
import { memory } from '@lockstep/state-memory'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, test } from 'node:test'

const host = fork(new URL('host.mjs', import.meta.url))
after(() => host.disconnect())
const [env] = await once(host, 'message')
Object.assign(process.env, env)

console.log(`${Object.keys(promises).length} promises`)
conformance({ test, adapter: () => memory() })
