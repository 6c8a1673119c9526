// A Fastify app with the plugin: it answers over HTTP, is ready, and leaves nothing open when it is closed.
import { clusterState } from '@lockstep/fastify'
import Fastify from 'fastify'

const app = Fastify()
await app.register(clusterState, { adapter: 'memory' })
app.post('/visit', async () => app.clusterState.counters.add('visits', 1))
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const visit = await (await fetch(`${url}/visit`, { method: 'POST' })).json()
const { status } = await fetch(`${url}/health/ready`)
await app.close()
console.log(JSON.stringify({ visits: visit.value, ready: status }))
