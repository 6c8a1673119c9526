import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { leave, type Member, startMember } from '@lockstep/testing/members/members'
import { expect, test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'
import { groundOf } from './ground.ts'
import { kill, startEach } from './servers.ts'

const times = rounds(25)

/** Of the first holder's lease, in milliseconds: longer than a restart takes. */
const ttl = 5_000

interface Profile {
  /** innodb_flush_log_at_trx_commit */
  readonly flush: 0 | 1 | 2
  readonly options: readonly string[]
  /** Whether what was acknowledged is there after the server was killed. */
  readonly keeps: boolean
  /** How `health()` names the setting that weakens a promise. */
  readonly warnings: readonly RegExp[]
}

const warning = /^innodb_flush_log_at_trx_commit [02]/
const profiles: readonly Profile[] = [
  { flush: 1, keeps: true, warnings: [] },
  { flush: 2, keeps: true, warnings: [warning] },
  { flush: 0, keeps: false, warnings: [warning] },
].map((profile) => ({ ...profile, options: [`--innodb-flush-log-at-trx-commit=${profile.flush}`] }) as Profile)

await withServer(
  'killed servers',
  () => startEach(profiles),
  ({ started }) => {
    test.concurrent.for(started)(
      'tokens grow and stale writes are refused when a server with innodb_flush_log_at_trx_commit $flush is killed',
      patience,
      async ({ server, flush, keeps, warnings }, { task }) => {
        const ground = groundOf(server)
        await using first = await startMember(ground.direct)
        await using second = await startMember(ground.direct)
        const { adapters } = await first.ask('health')
        expect(adapters[0]?.warnings).toEqual(warnings.map((one) => expect.stringMatching(one)))
        const seen: unknown[] = []
        for (let round = 1; round <= times; round += 1) {
          const name = `restart ${round}`
          const old = await first.ask('acquire', name, { ttl, autoExtend: false })
          await write(first, name, old)
          await kill(server)
          const standing = await first.ask('call', { do: 'locks.inspect', name })
          const token = await second.ask('acquire', name, { ttl: 20_000, wait: 20_000 })
          const written = await write(second, name, token)
          const stale = await write(first, name, old)
          await kill(server)
          // Elsewhere a mark that was lost comes back with the newer holder's next access.
          if (!keeps) await read(second, name, token)
          const staleAgain = await write(first, name, old)
          seen.push({ grew: token > old, standing, written, stale, staleAgain })
          await second.ask('release', token)
        }
        const refused = { failed: 'LOCKSTEP_STALE_TOKEN' }
        const promised = {
          grew: true,
          standing: expect.objectContaining(keeps ? { held: true } : {}),
          written: expect.objectContaining({ applied: true }),
          stale: refused,
          staleAgain: refused,
        }
        expect(seen).toEqual(seen.map(() => promised))
        const left = await leave(first, second)
        const what = `killed server, innodb_flush_log_at_trx_commit ${flush}`
        const found = { operations: times, faults: 2 * times, indeterminate: 0, violations: [], left }
        expect(reported(task, { on: ground, row: 'L5', what }, found)).toEqual([])
      },
    )
  },
)

function write(member: Member, name: string, token: number): Promise<unknown> {
  return member.ask('call', { do: 'entries.set', name, value: `${token}`, fence: { name, token } })
}

function read(member: Member, name: string, token: number): Promise<unknown> {
  return member.ask('call', { do: 'entries.get', name, fence: { name, token } })
}
