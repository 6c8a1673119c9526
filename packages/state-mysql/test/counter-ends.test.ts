import { createClusterState } from '@lockstep/state'
import { mysql } from '@lockstep/state-mysql'
import { type OwnMysqlServer, startOwnMysql } from '@lockstep/testing/servers/mysql'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CounterEnds } from '../src/counter-ends.ts'
import { withServer } from '@lockstep/testing/with-server'

const hour = 3_600_000

describe('the ends of counters that are remembered', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('an end is good for a minute at most, and what is left of it shrinks', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const ends = new CounterEnds()
    ends.learn('long', 5_000_000 + hour * 1_000, 5_000_000)
    ends.learn('short', 5_010_000, 5_000_000)
    ends.learn('over', 5_000_000, 5_000_000)
    expect(ends.of('long', true)).toEqual({ at: BigInt(5_000_000 + hour * 1_000), expiresIn: hour })
    expect(ends.of('short', false)).toEqual({ at: 5_010_000n, expiresIn: 10 })
    expect(ends.of('over', true)).toBeUndefined()
    vi.advanceTimersByTime(10)
    expect(ends.of('long', true)?.expiresIn).toBe(hour - 10)
    expect(ends.of('short', false)).toBeUndefined()
    vi.advanceTimersByTime(60_000)
    expect(ends.of('long', false)).toBeUndefined()
  })

  test('a counter of which nothing is known has no end, unless the change would give it one', () => {
    const ends = new CounterEnds()
    expect(ends.of('unknown', false)?.expiresIn).toBeNull()
    expect(ends.of('unknown', true)).toBeUndefined()
    ends.learn('endless', Infinity, 0)
    expect(ends.of('endless', true)).toEqual(ends.of('unknown', false))
  })

  test('no more than 10,000 names are remembered, and the oldest goes first', () => {
    const ends = new CounterEnds()
    for (let index = 0; index <= 10_000; index += 1) ends.learn(`${index}`, Infinity, 0)
    expect(ends.of('0', true)).toBeUndefined()
    expect(ends.of('1', true)).toBeDefined()
  })
})

await withServer('counters with an end', startOwnMysql, (server) => {
  const open = () => createClusterState({ adapter: mysql({ uri: server.uri }) })

  test('once its end is known, a change of a counter is one statement, and tells what is left', async () => {
    await using state = await open()
    await state.counters.add('window', 1, { ttl: hour })
    const before = await statements(server)
    for (let value = 2; value <= 21; value += 1) {
      const outcome = await state.counters.add('window', 1, { ttl: hour, max: 20 })
      expect(outcome).toMatchObject({ applied: value <= 20, value: Math.min(value, 20) })
      expect(outcome.expiresIn).toBeGreaterThan(hour - 60_000)
      expect(outcome.expiresIn).toBeLessThanOrEqual(hour)
    }
    expect((await statements(server)) - before).toBe(20)
  })

  test('an end that another process has moved or taken away is noticed', async () => {
    await using one = await open()
    await using other = await open()
    await one.counters.add('moved', 1, { ttl: hour })
    await other.counters.set('moved', 10, { ttl: 2 * hour })
    const moved = await one.counters.add('moved', 1, { ttl: hour })
    expect(moved.value).toBe(11)
    expect(moved.expiresIn).toBeGreaterThan(hour)
    await other.counters.set('moved', 20)
    expect(await one.counters.add('moved', 1, { ttl: hour })).toEqual({ applied: true, value: 21, expiresIn: null })
  })

  test('a counter whose end has come begins anew', async () => {
    await using state = await open()
    await state.counters.add('brief', 5, { ttl: 50 })
    // The end of the counter is a matter of time.
    await sleep(60)
    expect(await state.counters.add('brief', 5, { ttl: hour })).toMatchObject({ applied: true, value: 5 })
    expect(await state.counters.get('brief')).toBe(5)
  })
})

/** How many the server has run so far, without those that ask for it. */
async function statements(server: OwnMysqlServer): Promise<number> {
  const [row] = await server.command("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")
  return Number(row?.['Value'])
}
