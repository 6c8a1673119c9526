import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateCall } from '@lockstep/conformance'
import { reported } from '@lockstep/testing/faults/findings'
import { patience } from '@lockstep/testing/faults/rounds'
import { violationsOfPatience } from '@lockstep/testing/histories/judges'
import { isUnknown } from '@lockstep/testing/histories/operation'
import { readHistory } from '@lockstep/testing/histories/read'
import { leave, type Member, startMember } from '@lockstep/testing/members/members'
import type { OwnRedisServer } from '@lockstep/testing/servers/redis'
import { type RedisSentinels, startSentinels } from '@lockstep/testing/servers/redis-sentinels'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test, vi } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { redisWith, subjectOf } from './ground.ts'

const unknown = { failed: 'LOCKSTEP_OUTCOME_UNKNOWN' }
/** Milliseconds, as all times here. */
const waitTimeout = 300
const timeout = 1_000
/** What a busy machine may add. */
const noise = 1_000

await withServer('failover', startSentinels, (servers: RedisSentinels) => {
  const sentinel = { name: servers.name, nodes: servers.sentinels.map(({ host, port }) => ({ host, port })) }

  test('a write that no replica confirms is unknown, never failed, and known again when there is one', async ({
    task,
  }) => {
    await using careful = await startMember(redisWith({ sentinel, waitReplicas: 1, waitTimeout }))
    const [replica] = servers.replicas
    expect(await add(careful, 'confirmed')).toMatchObject({ applied: true, value: 1 })
    await replica?.pause()
    const asked = performance.now()
    expect(await add(careful, 'confirmed')).toEqual(unknown)
    expect(performance.now() - asked).toBeLessThan(waitTimeout + noise)
    replica?.resume()
    await vi.waitFor(async () => expect(await add(careful, 'confirmed')).toMatchObject({ applied: true }), 5_000)
    const left = await leave(careful)
    const subject = { on: subjectOf(servers.primary), row: 'C1', what: 'a replica that stands still' } as const
    const found = { operations: 1, faults: 1, indeterminate: 1, violations: [], left }
    expect(reported(task, subject, found)).toEqual([])
  })

  test(
    'a failover that loses acknowledged writes breaks no promise of tokens, fences and waiters',
    patience,
    async ({ task }) => {
      await using folder = await temporaryFolder()
      await using careful = await startMember(redisWith({ sentinel, waitReplicas: 1, waitTimeout }))
      await using old = await startMember(redisWith({ sentinel }))
      await using newer = await startMember(redisWith({ sentinel }))
      await using busy = await startMember(redisWith({ sentinel }))
      const calls: StateCall[] = [{ do: 'counters.add', name: 'busy', delta: 1 }]
      const load = { client: 'busy', clients: [calls, calls, calls], pause: 10, timeout }
      await busy.ask('begin', { file: join(folder.path, 'busy'), ...load })
      expect(await add(careful, 'kept')).toMatchObject({ applied: true, value: 1 })

      await cutReplication(servers)
      expect(await add(careful, 'kept')).toEqual(unknown)
      const token = await old.ask('acquire', 'lost', { ttl: 60_000 })
      const { version } = (await write(old, 'lost', token)) as { version: number }
      expect(await add(old, 'forgotten')).toMatchObject({ value: 1 })
      await servers.primary.kill()
      await servers.promoted()

      // What the failover has lost, and what it has not.
      await vi.waitFor(async () => expect(await valueOf(newer, 'forgotten')).toBe(0), 5_000)
      expect(await valueOf(newer, 'kept')).toBe(1)

      const next = await newer.ask('acquire', 'lost', { ttl: 60_000 })
      expect(next).toBeGreaterThan(token)
      const written = (await write(newer, 'lost', next)) as { version: number }
      expect(written.version).toBeGreaterThan(version)
      expect(await write(old, 'lost', token)).toEqual({ failed: 'LOCKSTEP_STALE_TOKEN' })

      // Only a message can tell the one who waits so early.
      const waiting = old.ask('acquire', 'lost', { ttl: 60_000, wait: 30_000 })
      const standing = (): Promise<unknown> => newer.ask('call', { do: 'locks.inspect', name: 'lost' })
      await vi.waitFor(async () => expect(await standing()).toMatchObject({ waiters: 1 }))
      await newer.ask('release', next)
      expect(await waiting).toBeGreaterThan(next)

      await busy.ask('stop')
      const operations = await readHistory(folder.path)
      const violations = violationsOfPatience(operations, timeout + noise)
      const indeterminate = operations.filter(isUnknown).length
      expect(operations.at(-1)).toHaveProperty('answer')
      const left = await leave(careful, old, newer, busy)
      const subject = { on: subjectOf(servers.primary), row: 'L5', what: 'failover that loses writes' } as const
      const found = { operations: operations.length, faults: 1, indeterminate, violations, left }
      expect(reported(task, subject, found)).toEqual([])
    },
  )
})

/** From now on the replica gets nothing of what the primary acknowledges: it is not let in any more. */
async function cutReplication({ primary, replicas }: RedisSentinels): Promise<void> {
  for (const replica of replicas) await replica.command('CONFIG', 'SET', 'masterauth', 'wrong')
  await primary.command('CLIENT', 'KILL', 'TYPE', 'replica')
  await vi.waitFor(async () => expect(await replication(primary)).toContain('connected_slaves:0'), 5_000)
  // A replica whose last attempt was under way would be let in still.
  await sleep(50)
  expect(await replication(primary)).toContain('connected_slaves:0')
}

async function replication(server: OwnRedisServer): Promise<string> {
  return String(await server.command('INFO', 'replication'))
}

function add(member: Member, name: string): Promise<unknown> {
  return member.ask('call', { do: 'counters.add', name, delta: 1 })
}

function valueOf(member: Member, name: string): Promise<unknown> {
  return member.ask('call', { do: 'counters.get', name })
}

function write(member: Member, name: string, token: number): Promise<unknown> {
  return member.ask('call', { do: 'entries.set', name, value: `${token}`, fence: { name, token } })
}
