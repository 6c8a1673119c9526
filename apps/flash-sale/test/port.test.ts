import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { choosePort } from '../src/port.ts'

async function occupy(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

test('the page moves on to the next port when the usual one is taken', async () => {
  const first = await choosePort({ once: false })
  await using _ = await occupy(first)

  expect(first).toBeGreaterThanOrEqual(3_000)
  expect(await choosePort({ once: false })).toBeGreaterThan(first)
})

test('--once takes any free port', async () => {
  const port = await choosePort({ once: true })
  await using server = await occupy(port)

  expect(server.listening).toBe(true)
})

test('a port that was asked for is taken or refused, never replaced', async () => {
  const server = await occupy(0)
  const { port } = server.address() as AddressInfo

  await expect(choosePort({ port, once: false })).rejects.toThrow(`Port ${port} cannot be used here`)
  server.close()
  await once(server, 'close')
  expect(await choosePort({ port, once: false })).toBe(port)
})
