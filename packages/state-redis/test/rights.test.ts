import { createClusterState } from '@lockstep/state'
import { redis } from '@lockstep/state-redis'
import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'
import { Redis } from 'ioredis'
import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
/** The line of the README that sets up a user. */
const rights = /ACL SETUSER lockstep on >password (.*)/.exec(readme)?.[1]?.split(' ') ?? []

/** Everything that the adapter does in a server. */
async function useAll(server: OwnRedisServer, username: string, password: string): Promise<void> {
  const soon = { wait: 100, timeout: 200 }
  const adapter = () => redis({ url: server.url, username, password })
  await using one = await createClusterState({ adapter: adapter() })
  await using other = await createClusterState({ adapter: adapter() })
  const lease = await one.locks.acquire('lock', soon)
  const waiting = other.locks.acquire('lock', { wait: 1_000, timeout: 200 })
  waiting.catch(() => {})
  // Of what fails in it, the waiter itself tells best.
  await Promise.race([waiting, until(async () => (await one.locks.inspect('lock')).waiters === 1)])
  await lease.extend(20_000)
  await one.counters.add('c', 2, { fence: lease, ttl: 10_000, operationId: 'op' })
  await one.counters.addAll(
    [
      { name: 'c', delta: 1 },
      { name: 'd', delta: 1 },
    ],
    { operationId: 'op 2', fence: lease },
  )
  await one.counters.get('c', { fence: lease })
  await one.counters.delete('c')
  await one.entries.set('e', 'v', { fence: lease })
  await one.entries.get('e', { fence: lease })
  await one.entries.delete('e', { tombstone: 1_000 })
  await lease.release()
  await (await waiting).release()
  await expect(other.locks.acquire('lock', soon)).resolves.toBeDefined()
  const { status, adapters } = await one.health()
  expect(status).not.toBe('down')
  expect(adapters[0]?.durability).toMatch(/gone when the server ends|snapshot/)
}

await withServer('the rights that the README lists', startOwnRedis, (server) => {
  const admin = new Redis(server.socket)
  afterAll(() => admin.disconnect())

  test('are enough', async () => {
    expect(rights.length).toBeGreaterThan(5)
    await admin.acl('SETUSER', 'lockstep', 'on', '>pa55', ...rights)
    await useAll(server, 'lockstep', 'pa55')
  })

  test.each(['~lockstep:*', '&lockstep:*', '+evalsha', '+time', '+set', '+hset', '+zadd', '+publish', '+subscribe'])(
    'without %s it is refused, with what is missing and where to look it up',
    async (right) => {
      const name = `no${right}`
      expect(rights).toContain(right)
      await admin.acl('SETUSER', name, 'on', '>pa55', ...rights.filter((other) => other !== right))
      const failed = await useAll(server, name, 'pa55').catch((error: unknown) => error)
      expect(failed).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
      expect(chain(failed)).toMatch(/permission|can't run this command|can't access/)
      expect(chain(failed)).toMatch(/README of @lockstep\/state-redis/)
    },
  )
})

function chain(error: unknown): string {
  const { message, cause } = error as Error
  return cause === undefined ? message : `${message} ${chain(cause)}`
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(10)
}
