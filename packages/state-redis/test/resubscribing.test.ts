import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server } from 'node:net'
import { leave, startMember } from '@lockstep/testing/members/members'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { expect, test, vi } from 'vitest'
import { redisWith } from './faults/ground.ts'
import { withServer } from '@lockstep/testing/with-server'

/** Connections that end as soon as they subscribe again. */
const lost = 3

await withServer('subscribing again', startOwnRedis, ({ port }) => {
  // What is rejected and not caught ends a process.
  test.for([2, 3])(
    'a process outlives connections that are lost while they subscribe again, on RESP%d',
    async (protocol, { onTestFinished }) => {
      const relay = new Relay(port)
      onTestFinished(() => relay.close())
      await using other = await startMember(redisWith({ url: `redis://127.0.0.1:${port}` }))
      await using member = await startMember(redisWith({ url: `${await relay.url()}?protocol=${protocol}` }))
      relay.breakAll()
      await vi.waitFor(() => expect(relay.broken).toBe(lost), 10_000)
      const token = await other.ask('acquire', `resp ${protocol}`, { ttl: 20_000 })
      const waiting = member.ask('acquire', `resp ${protocol}`, { ttl: 20_000, wait: 20_000 })
      const standing = (): Promise<unknown> => other.ask('call', { do: 'locks.inspect', name: `resp ${protocol}` })
      await vi.waitFor(async () => expect(await standing()).toMatchObject({ waiters: 1 }))
      await other.ask('release', token)
      expect(await waiting).toBeGreaterThan(token)
      expect((await leave(other, member)).violations).toEqual([])
    },
  )
})

/** Passes everything on to a Redis, and ends a few connections in the moment in which they would subscribe again. */
class Relay {
  readonly #server: Server
  readonly #ends = new Set<() => void>()
  #armed = false
  broken = 0

  constructor(port: number) {
    this.#server = createServer((client) => {
      const server = createConnection({ host: '127.0.0.1', port })
      const end = (): void => {
        client.destroy()
        server.destroy()
        this.#ends.delete(end)
      }
      this.#ends.add(end)
      for (const socket of [client, server]) socket.on('error', end).on('close', end)
      server.on('data', (piece) => client.write(piece))
      client.on('data', (piece) => {
        if (this.#armed && this.broken < lost && /subscribe/i.test(piece.toString('latin1'))) {
          this.broken += 1
          end()
        } else {
          server.write(piece)
        }
      })
    }).listen(0, '127.0.0.1')
  }

  async url(): Promise<string> {
    if (!this.#server.listening) await once(this.#server, 'listening')
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  breakAll(): void {
    this.#armed = true
    for (const end of this.#ends) end()
  }

  close(): void {
    this.#server.close()
    for (const end of this.#ends) end()
  }
}
