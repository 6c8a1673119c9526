/** A worker with a Fastify app of two routes that differ in one counter operation. */
import type { AddressInfo } from 'node:net'
import { answer } from '@lockstep/testing/calls'
import { clusterState } from '@lockstep/fastify'
import { memory } from '@lockstep/state-memory'
import fastify from 'fastify'
import { cpuTime } from '../harness/cpu.ts'

const handlers = {
  /** Resolves with the port, the same for all workers. */
  async open(): Promise<number> {
    const app = fastify()
    await app.register(clusterState, { adapter: memory() })
    app.get('/without', async () => ({ value: 1 }))
    app.get('/with', async () => ({ value: (await app.clusterState.counters.add('visits', 1)).value }))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return (app.server.address() as AddressInfo).port
  },
  cpuTime,
}

export type HttpServer = typeof handlers

answer(handlers)
