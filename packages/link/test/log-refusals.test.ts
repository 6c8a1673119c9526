import { Engine, type SnapshotRecord } from '@lockstep/engine'
import type { Failure } from '@lockstep/state'
import { expect, onTestFinished, test } from 'vitest'
import { openLocal } from '../src/index.ts'
import type { CommandLog, EngineClient, EngineSource } from '../src/index.ts'
import { replayEntry } from '../src/log.ts'
import { timeNow } from '../src/runner.ts'
import { acquire, add, change, later, write } from './commands.ts'
import { openClient, openHost } from './setup.ts'

const full: Failure = { code: 'LOCKSTEP_UNAVAILABLE', message: 'no space left on device' }
const health = { durability: 'for a while', warnings: ['the disk is nearly full'] }

/** A log in memory that can be made to refuse, and the engine that it tells of. */
class FakeLog implements CommandLog, EngineSource {
  readonly id = 'fake'
  refusing = false
  closed = false
  readonly #entries: unknown[] = []
  readonly #options = { started: timeNow(), onOffer: () => {} }
  #engine: Engine | undefined

  async open(options: {
    onOffer: (client: string, owner: string) => void
  }): Promise<{ engine: Engine; log: CommandLog }> {
    this.#engine = new Engine({ ...this.#options, ...options })
    return { engine: this.#engine, log: this }
  }

  append(entry: string): Failure | undefined {
    if (this.refusing) return full
    this.#entries.push(JSON.parse(entry))
    return undefined
  }

  health(): typeof health {
    return health
  }

  async close(): Promise<void> {
    this.closed = true
  }

  /** What the entries make of another engine, and what the live one holds. */
  both(): [string[], string[]] {
    const replayed = new Engine(this.#options)
    for (const entry of this.#entries) replayEntry(replayed, entry)
    const time = timeNow()
    return [sorted(replayed.snapshot(time)), sorted(this.#engine?.snapshot(time) ?? [])]
  }
}

function expectSame([replayed, live]: [string[], string[]]): void {
  expect(replayed).toEqual(live)
}

function sorted(records: readonly SnapshotRecord[]): string[] {
  return records.map((record) => JSON.stringify(record)).toSorted()
}

async function open(): Promise<{ log: FakeLog; local: EngineClient; remote: EngineClient }> {
  const log = new FakeLog()
  const host = await openHost({ source: log })
  const local = await openLocal({ source: log })
  onTestFinished(() => local.close())
  return { log, local, remote: await openClient(host) }
}

test('what the log refuses is not applied, reads go on, and so does everything when it takes entries again', async () => {
  const { log, local, remote } = await open()
  for (const [sequence, client] of [local, remote].entries()) {
    expect(await client.send(add('n', 1, 1), later())).toMatchObject([{ value: sequence * 2 + 1 }])
    log.refusing = true
    const fence = { name: 'l', token: 2 ** 52 }
    for (const changing of [
      client.send(add('n', 2, 1), later()),
      client.send(acquire('l', 'o'), later()),
      client.send({ op: 'readCounter', name: 'n', fence }, later()),
    ]) {
      await expect(changing).rejects.toMatchObject(full)
    }
    expect(await client.send({ op: 'readCounter', name: 'n' }, later())).toBe(sequence * 2 + 1)
    expect(await client.send({ op: 'inspect', name: 'l' }, later())).toMatchObject({ held: false })
    log.refusing = false
    expect(await client.send(add('n', 2, 1), later())).toMatchObject([{ value: sequence * 2 + 2 }])
  }
  expectSame(log.both())
})

test('the leases of a client that ends while the log refuses are freed as soon as it takes entries', async () => {
  const { log, local } = await open()
  const leaving = await openLocal()
  await leaving.send(acquire('l', 'o'), later())
  const offered = new Promise<string>((resolve) => local.listen({ offered: resolve, lost: () => {} }))
  await local.send(acquire('l', 'mine', 10_000), later())
  log.refusing = true
  await leaving.close()
  expect(await local.send({ op: 'inspect', name: 'l' }, later())).toMatchObject({ held: true })
  log.refusing = false
  // No command of anybody is needed.
  expect(await offered).toBe('mine')
  expect(await local.send(acquire('l', 'mine'), later())).toMatchObject({ granted: true })
  expectSame(log.both())
})

test('a batch of changes and long answers is kept in the order in which it is carried out', async () => {
  const { log, remote, local } = await open()
  await remote.send(write('long', 1, 'v'.repeat(200_000)), later())
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => [
      remote.send(add('n', index + 1, 1), later()),
      remote.send({ op: 'readEntry', name: 'long' }, later()),
      // The other client comes in between.
      local.send(change('m', index + 1, { kind: 'add', delta: 1, ttl: 60_000 }), later()),
      remote.send(change('m', index + 1, { kind: 'add', delta: -1 }), later()),
    ]).flat(),
  )
  expect(answers).toHaveLength(240)
  expectSame(log.both())
})

test('what is due by the clock waits for the log, too', async () => {
  const { log, local } = await open()
  const offered = new Promise<string>((resolve) => local.listen({ offered: resolve, lost: () => {} }))
  await local.send({ ...acquire('l', 'first'), ttl: 50 }, later())
  await local.send(acquire('l', 'second', 10_000), later())
  log.refusing = true
  await expect.poll(() => local.send({ op: 'inspect', name: 'l' }, later())).toMatchObject({ held: false, waiters: 1 })
  log.refusing = false
  expect(await offered).toBe('second')
  expectSame(log.both())
})

test('a command too long for the log is refused as it is by the link', async () => {
  const { local } = await open()
  const many = Array.from({ length: 20_000 }, () => ({ kind: 'add', delta: 1 }) as const)
  await expect(local.send(change('n', 1, ...many), later())).rejects.toMatchObject({ code: 'LOCKSTEP_CAPACITY' })
})

test('what the log says of itself reaches every client, and it is closed with the last user', async () => {
  const log = new FakeLog()
  const host = await openHost({ source: log })
  const [local, remote] = await Promise.all([openLocal(), openClient(host)])
  expect(await Promise.all([local.ping(later()), remote.ping(later())])).toEqual([health, health])
  await remote.close()
  await host.close()
  expect(log.closed).toBe(false)
  await local.close()
  expect(log.closed).toBe(true)
  const bare = await openClient(await openHost())
  expect(await bare.ping(later())).toBeUndefined()
})
