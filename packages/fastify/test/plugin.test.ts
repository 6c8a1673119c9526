import type { AddressInfo } from 'node:net'
import { InvalidArgumentError, UnavailableError } from '@lockstep/state'
import { memory } from '@lockstep/state-memory'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import plugin, { type ClusterState, clusterState, type ClusterStatePluginOptions } from '../src/index.ts'
import { FakeAdapter } from './fixtures/fake-adapter.ts'

async function build(options: ClusterStatePluginOptions = { adapter: memory() }): Promise<FastifyInstance> {
  const app = Fastify()
  onTestFinished(async () => {
    await app.close()
  })
  await app.register(clusterState, options)
  return app
}

test('a handler reaches the state as app.clusterState', async () => {
  const app = await build()
  app.post('/take', async () => ({ left: await app.clusterState.counters.take('stock') }))
  await app.clusterState.counters.set('stock', 1)

  expect((await app.inject({ method: 'POST', url: '/take' })).json()).toEqual({ left: 0 })
  expect((await app.inject({ method: 'POST', url: '/take' })).json()).toEqual({ left: null })
})

test('the decorator is typed, and the default export is the plugin', () => {
  expectTypeOf<FastifyInstance['clusterState']>().toEqualTypeOf<ClusterState>()
  expect(plugin).toBe(clusterState)
})

test('siblings of the plugin see the decorator, as it is not encapsulated', async () => {
  const app = await build()
  let seen: unknown
  await app.register(async (child) => {
    seen = child.clusterState
  })
  expect(seen).toBe(app.clusterState)
})

test('a second registration has a name and an adapter of its own', async () => {
  const app = await build()
  await app.register(clusterState, { adapter: new FakeAdapter(), decorateAs: 'cache' })

  expect(app.clusterState.capabilities.counters).not.toBe(false)
  expect(app.getDecorator<ClusterState>('cache').capabilities.counters).toBe(false)
})

test('a name that is taken is refused before the backend is asked', async () => {
  const app = await build()
  const adapter = new FakeAdapter()
  adapter.connect = () => Promise.reject(new Error('was asked'))

  await expect(app.register(clusterState, { adapter })).rejects.toThrow(
    /decorateAs must be a name .* got "clusterState"/,
  )
})

test.each([
  [{ decorateAs: '' }, 'decorateAs must be a non-empty string, got ""'],
  [{ ready: 'soon' }, 'ready must be one of listen, ready, manual, got "soon"'],
])('%j is refused with the rule', async (wrong, message) => {
  const options = { adapter: memory(), ...wrong } as ClusterStatePluginOptions
  const refused = build(options)
  await expect(refused).rejects.toThrow(message)
  await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError)
})

test('a backend that does not answer fails the registration with its coded error', async () => {
  const adapter = new FakeAdapter()
  adapter.connect = () => Promise.reject(new UnavailableError('fake at 10.0.0.1:1 did not answer'))

  await expect(build({ adapter })).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE', message: /10\.0\.0\.1:1/ })
})

test('an error of the state is answered with its status and code', async () => {
  const app = await build()
  app.get('/lock', () => app.clusterState.locks.acquire('busy', { wait: 20 }))
  app.get('/name', () => app.clusterState.counters.get(''))
  await app.clusterState.locks.acquire('busy')

  const timeout = await app.inject('/lock')
  expect(timeout.statusCode).toBe(503)
  expect(timeout.json()).toMatchObject({ code: 'LOCKSTEP_LOCK_TIMEOUT' })
  const invalid = await app.inject('/name')
  expect(invalid.statusCode).toBe(400)
  expect(invalid.json()).toMatchObject({ code: 'LOCKSTEP_INVALID_ARGUMENT' })
})

test('a request in flight still counts while the app closes; afterwards the state is closed', async () => {
  const app = await build()
  const { counters } = app.clusterState
  const { promise: goOn, resolve: release } = Promise.withResolvers<void>()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const { promise: closing, resolve: close } = Promise.withResolvers<void>()
  app.addHook('preClose', async () => close())
  app.get('/slow', async () => {
    arrive()
    await goOn
    return { n: (await counters.add('n', 1)).value }
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo

  const answer = fetch(`http://127.0.0.1:${port}/slow`)
  await arrived
  const closed = app.close()
  await closing
  release()
  expect(await (await answer).json()).toEqual({ n: 1 })
  await closed
  await expect(counters.get('n')).rejects.toMatchObject({ code: 'LOCKSTEP_CLOSED' })
})

test('every registration closes what it opened', async () => {
  const app = await build()
  const [one, two] = [new FakeAdapter(), new FakeAdapter()]
  await app.register(clusterState, { adapter: one, decorateAs: 'one' })
  await app.register(clusterState, { adapter: two, decorateAs: 'two' })

  await app.close()
  expect([one.closed, two.closed]).toEqual([true, true])
})
