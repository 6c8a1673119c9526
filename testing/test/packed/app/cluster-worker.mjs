import { clusterState } from '@lockstep/fastify'
import Fastify from 'fastify'

const app = Fastify()
await app.register(clusterState, { adapter: 'memory' })
app.get('/', async () => ({ pid: process.pid, count: (await app.clusterState.counters.add('visits', 1)).value }))
// All workers of a cluster that ask for port 0 get the same one.
await app.listen({ port: 0, host: '127.0.0.1' })
