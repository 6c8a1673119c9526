import Fastify, { type FastifyInstance } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { clusterState, type ClusterStatePluginOptions, sayReady } from '../src/index.ts'
import { FakeAdapter } from './fixtures/fake-adapter.ts'

async function build(options: ClusterStatePluginOptions, app = Fastify()): Promise<FastifyInstance> {
  onTestFinished(async () => {
    await app.close()
  })
  await app.register(clusterState, options)
  return app
}

test('ready answers with the health of the store while that is up', async () => {
  const app = await build({ adapter: new FakeAdapter() })
  const response = await app.inject('/health/ready')

  expect(response.statusCode).toBe(200)
  expect(response.headers['cache-control']).toBe('no-store')
  expect(response.json()).toEqual(JSON.parse(JSON.stringify(await app.clusterState.health())))
})

test('a degraded store keeps the worker in service', async () => {
  const adapter = new FakeAdapter()
  adapter.health = { durability: 'Little survives.', warnings: ['fsync is off'] }
  const response = await (await build({ adapter })).inject('/health/ready')

  expect(response.statusCode).toBe(200)
  expect(response.json()).toMatchObject({ status: 'degraded', adapters: [{ warnings: ['fsync is off'] }] })
})

test('a store that is down takes the worker out of service, with no word of where the store is', async () => {
  const adapter = new FakeAdapter()
  adapter.health = new Error('connect ECONNREFUSED redis://user:secret@10.0.0.1:6379')
  const response = await (await build({ adapter })).inject('/health/ready')

  expect(response.statusCode).toBe(503)
  expect(response.json()).toMatchObject({ status: 'down', adapters: [{ name: 'fake', status: 'down' }] })
  expect(response.body).not.toMatch(/secret|10\.0\.0\.1/)
})

test('live never asks the store', async () => {
  const adapter = new FakeAdapter()
  adapter.health = new Error('down')
  const response = await (await build({ adapter })).inject('/health/live')

  expect(response.statusCode).toBe(200)
  expect(response.json()).toEqual({ status: 'up' })
  expect(adapter.asked).toBe(0)
})

test('the routes exist once per server and speak for every registration', async () => {
  const down = new FakeAdapter('down')
  down.health = new Error('down')
  const app = await build({ adapter: new FakeAdapter('up') })
  await app.register(async (child) => {
    await child.register(clusterState, { adapter: down, decorateAs: 'cache' })
  })
  const response = await app.inject('/health/ready')

  expect(response.statusCode).toBe(503)
  expect(response.json()).toMatchObject({ status: 'down', adapters: [{ name: 'up' }, { name: 'down' }] })
})

test('a registration without health routes leaves them to the next one, which speaks for both', async () => {
  const app = await build({ adapter: new FakeAdapter('first'), health: false })
  await app.register(clusterState, {
    adapter: new FakeAdapter('second'),
    decorateAs: 'cache',
    health: { ready: '/ready' },
  })

  expect((await app.inject('/ready')).json()).toMatchObject({ adapters: [{ name: 'first' }, { name: 'second' }] })
  expect((await app.inject('/health/live')).statusCode).toBe(200)
  expect((await app.inject('/health/ready')).statusCode).toBe(404)
})

test('health: false adds no route', async () => {
  const app = await build({ adapter: new FakeAdapter(), health: false })

  expect((await app.inject('/health/live')).statusCode).toBe(404)
  expect((await app.inject('/health/ready')).statusCode).toBe(404)
})

test('with ready: manual the server is not ready until it says so', async () => {
  const adapter = new FakeAdapter()
  const app = await build({ adapter, ready: 'manual' })
  const starting = await app.inject('/health/ready')

  expect(starting.statusCode).toBe(503)
  expect(starting.json()).toEqual({ status: 'starting', adapters: [] })
  expect(adapter.asked).toBe(0)
  sayReady(app)
  expect((await app.inject('/health/ready')).statusCode).toBe(200)
})

test('sayReady is refused where clusterState is not registered', () => {
  expect(() => sayReady(Fastify())).toThrow(/clusterState registered/)
})

test('a server that closes is not ready, and stays so', async () => {
  const app = await build({ adapter: new FakeAdapter() }, Fastify({ return503OnClosing: false }))
  let closing: unknown
  app.addHook('preClose', async () => {
    sayReady(app)
    closing = await (await fetch(`${address}/health/ready`)).json()
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  await app.close()

  expect(closing).toEqual({ status: 'closing', adapters: [] })
})
