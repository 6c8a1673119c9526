import { once } from 'node:events'
import { createConnection } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { startRedis } from '../src/servers/redis.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a redis-server answers on its socket, or we are told how to get one', async () => {
  const server = await startRedis()
  const said = 'unavailable' in server ? server.unavailable : await ping(server.socket)
  expect(said).toMatch(/^\+PONG|apt-get install redis-server/)
  if ('stop' in server) await server.stop()
})

test('without a redis-server we are told how to get one', async () => {
  vi.stubEnv('LOCKSTEP_REDIS_URL', '')
  vi.stubEnv('PATH', '')
  expect(await startRedis()).toEqual({ unavailable: expect.stringContaining('LOCKSTEP_REDIS_URL=redis://') })
})

async function ping(path = ''): Promise<string> {
  const connection = createConnection(path)
  connection.write('PING\r\n')
  const [answer] = (await once(connection, 'data')) as [Buffer]
  connection.destroy()
  return answer.toString()
}
