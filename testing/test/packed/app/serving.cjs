// As serving.mjs, for CommonJS. Fastify takes what `require` gives as it is.
const app = require('fastify')()

async function main() {
  await app.register(require('@lockstep/fastify'), { adapter: 'memory' })
  app.post('/visit', async () => app.clusterState.counters.add('visits', 1))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const visit = await (await fetch(`${url}/visit`, { method: 'POST' })).json()
  const { status } = await fetch(`${url}/health/ready`)
  await app.close()
  console.log(JSON.stringify({ visits: visit.value, ready: status }))
}

void main()
