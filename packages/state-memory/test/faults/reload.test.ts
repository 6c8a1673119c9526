import { reported } from '@lockstep/testing/faults/findings'
import { patience, rounds } from '@lockstep/testing/faults/rounds'
import { examples } from '@lockstep/testing/histories/examples'
import { type Left, leave, leftOf, type Member, startMember } from '@lockstep/testing/members/members'
import { expect, test } from 'vitest'
import { startPrimary } from '../primary.ts'

const times = rounds(20)
/** Milliseconds, as all times here; of the leases, far more than it takes to hand them on. */
const ttl = 60_000
/** From the moment that a worker begins to leave. */
const soon = 500

test(
  'in a rolling reload every worker that leaves hands its lock on at once, with a greater token',
  patience,
  async ({ task }) => {
    await using primary = await startPrimary()
    const handed: { readonly old: number; readonly token: number; readonly took: number }[] = []
    const left: Left[] = []
    await using stack = new AsyncDisposableStack()
    const start = async (): Promise<Member> => stack.use(await startMember(primary.direct))
    let holder = await start()
    let old = await holder.ask('acquire', 'lock', { ttl })
    for (let round = 1; round <= times; round += 1) {
      const fresh = await start()
      const next = fresh.ask('acquire', 'lock', { ttl, wait: ttl })
      await expect.poll(() => fresh.ask('call', { do: 'locks.inspect', name: 'lock' })).toMatchObject({ waiters: 1 })
      const leaving = performance.now()
      left.push(await leave(holder))
      const token = await next
      handed.push({ old, token, took: performance.now() - leaving })
      holder = fresh
      old = token
    }
    left.push(await leave(holder))
    const violations = [
      ...examples('the token did not grow', handed, (one) => one.token <= one.old),
      ...examples(`not handed on within ${soon} ms`, handed, ({ took }) => took > soon),
    ]
    const found = { operations: times, faults: times, indeterminate: 0, violations, left: leftOf(left) }
    expect(reported(task, { on: primary, row: 'L7', what: 'rolling reload' }, found)).toEqual([])
  },
)
