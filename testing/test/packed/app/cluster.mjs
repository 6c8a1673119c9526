// Two workers that count together, from the first request to an orderly end.
import { createCluster } from '@lockstep/cluster-core'
import nodeCluster from 'node:cluster'
import { once } from 'node:events'
import { get } from 'node:http'
import { json } from 'node:stream/consumers'

const cluster = createCluster({ script: new URL('cluster-worker.mjs', import.meta.url), workers: 2 })
const exits = []
cluster.on('worker:exit', ({ reason }) => exits.push(reason))
const listening = once(nodeCluster, 'listening')
await cluster.start()
const [, { port }] = await listening

const visits = []
for (let n = 0; n < 10; n += 1) visits.push(await visit())
await cluster.stop()
const counts = visits.map(({ count }) => count)
console.log(JSON.stringify({ counts, workers: new Set(visits.map(({ pid }) => pid)).size, exits }))

/** Over a connection of its own, so that the primary gives the requests to its workers in turn. */
async function visit() {
  const [response] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response')
  return json(response)
}
