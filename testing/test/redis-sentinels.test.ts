import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type RedisSentinels, startSentinels } from '../src/servers/redis-sentinels.ts'
import { available, withoutRedis } from './available.ts'
import { remains, tracesOf } from './remains.ts'

test('without a redis-server we are told how to get one', async () => {
  vi.stubEnv('PATH', '')
  expect(await startSentinels()).toEqual({ unavailable: expect.stringContaining('apt-get install') })
  vi.unstubAllEnvs()
})

describe.skipIf(withoutRedis)(`a primary, two replicas and three sentinels${withoutRedis}`, () => {
  let group: RedisSentinels

  beforeAll(async () => {
    group = available(await startSentinels({ replicas: 2, options: ['--requirepass', 'secret'] }))
  })

  afterAll(() => group.stop())

  test('every sentinel knows the primary, and enough of the others', async () => {
    const { name, primary, sentinels } = group
    for (const sentinel of sentinels) {
      const address = await sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)
      expect(address).toEqual([primary.host, String(primary.port)])
      expect(await sentinel.command('SENTINEL', 'CKQUORUM', name)).toMatch(/^OK 3 usable Sentinels/)
    }
  })

  test('the replicas have what the primary was told', async () => {
    const { primary, replicas } = group
    await primary.command('SET', 'greeting', 'hello')
    await expect
      .poll(() => Promise.all(replicas.map((replica) => replica.command('GET', 'greeting'))))
      .toEqual(['hello', 'hello'])
  })

  test('when the primary ends, a replica takes over, with the data, and can be written to', async () => {
    const { primary, replicas } = group
    await primary.kill()
    const successor = await group.promoted()
    expect(replicas).toContain(successor)
    expect(group.primary).toBe(successor)
    expect(group.replicas).toContain(primary)
    expect(await successor.command('GET', 'greeting')).toBe('hello')
    expect(await successor.command('SET', 'greeting', 'hello again')).toBe('OK')
  })

  test('who took over stays it when it starts again', async () => {
    // They might take a slow start for the next failure.
    await Promise.all(group.sentinels.map((sentinel) => sentinel.kill()))
    await group.primary.restart()
    expect(await group.primary.command('SET', 'greeting', 'and again')).toBe('OK')
  })

  test('nothing is left of them when they have been stopped', async () => {
    const all = [group.primary, ...group.replicas, ...group.sentinels].map(tracesOf)
    await group.stop()
    expect(await remains(all)).toEqual([])
  })
})
