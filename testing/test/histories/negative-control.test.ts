import { join } from 'node:path'
import type { StateCall } from '@lockstep/conformance'
import { judge } from '@lockstep/testing/histories/judge-calls'
import type { Operation } from '@lockstep/testing/histories/operation'
import { TestProcess } from '@lockstep/testing/processes'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import { available, withoutRedis } from '../available.ts'
import { readLines } from './fixtures/lines.ts'
import type { WorkerHandlers } from './fixtures/worker.ts'

type Store = 'naive' | 'sound'

class Worker extends TestProcess<WorkerHandlers> {
  readonly file: string

  constructor(url: string, store: Store, file: string) {
    super(new URL('fixtures/worker.ts', import.meta.url), { args: [url, store, file] })
    this.file = file
  }
}

/** What three processes that share a redis-server have noted when `work` is done and they have been killed. */
async function historyOf(
  store: Store,
  work: (first: Worker, second: Worker, third: Worker) => Promise<void>,
): Promise<Operation<StateCall>[]> {
  await using folder = await temporaryFolder()
  await using server = available(await startOwnRedis())
  await using first = new Worker(server.url, store, join(folder.path, 'first'))
  await using second = new Worker(server.url, store, join(folder.path, 'second'))
  await using third = new Worker(server.url, store, join(folder.path, 'third'))
  await work(first, second, third)
  const workers = [first, second, third]
  await Promise.all(workers.map((worker) => worker.kill()))
  return workers.flatMap(({ file }) => readLines(file))
}

const long = 60_000

/** The holder is stopped for longer than its lease, and goes on when another has written. */
async function stopTheHolder(holder: Worker, newer: Worker, third: Worker): Promise<void> {
  const token = tokenOf(await holder.ask('call', { do: 'locks.tryAcquire', name: 'l', lease: 'one', ttl: 150 }))
  await holder.stop()
  const acquire = (): Promise<unknown> =>
    newer.ask('call', { do: 'locks.tryAcquire', name: 'l', lease: 'two', ttl: long })
  let grant = await acquire()
  await expect.poll(async () => (grant ??= await acquire())).not.toBeNull()
  const write = (worker: Worker, value: string, fence: number): Promise<unknown> =>
    worker.ask('call', { do: 'entries.set', name: 'e', value, fence: { name: 'l', token: fence } })
  await write(newer, 'newer', tokenOf(grant))
  holder.resume()
  await write(holder, 'stale', token)
  await holder.ask('call', { do: 'locks.release', lease: 'one' })
  await third.ask('call', { do: 'locks.tryAcquire', name: 'l', lease: 'three', ttl: long })
}

/** All add at once until they are killed, in the middle of their calls. */
async function addUntilKilled(...workers: Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.ask('add', 'x', 4)))
  const enough = ({ file }: Worker): boolean => readLines(file).length > 200
  await expect.poll(() => workers.every(enough)).toBe(true)
}

function tokenOf(answer: unknown): number {
  return (answer as { token: number }).token
}

test.skipIf(withoutRedis)(
  `the judge convicts SET NX PX whose holder was stopped, and a write that no fence stops${withoutRedis}`,
  async () => {
    const found = judge(await historyOf('naive', stopTheHolder))
    expect(found).toContainEqual(expect.stringMatching(/^lock l: no order explains/))
    expect(found).toContainEqual(expect.stringMatching(/^entry e: no order explains .*"stale"/))
  },
)

test.skipIf(withoutRedis)(
  `the judge acquits a lock that is freed by its holder only, and a write that a fence stops${withoutRedis}`,
  async () => {
    const history = await historyOf('sound', stopTheHolder)
    expect(history).toContainEqual(expect.objectContaining({ failed: 'LOCKSTEP_STALE_TOKEN' }))
    expect(judge(history)).toEqual([])
  },
)

test.skipIf(withoutRedis)(`the judge convicts a counter that is read and then written${withoutRedis}`, async () => {
  const found = judge(await historyOf('naive', addUntilKilled))
  expect(found).toContainEqual(expect.stringMatching(/^counter x: no order explains/))
})

test.skipIf(withoutRedis)(
  `the judge acquits INCRBY, whoever is killed in the middle of it${withoutRedis}`,
  async () => {
    expect(judge(await historyOf('sound', addUntilKilled))).toEqual([])
  },
)
