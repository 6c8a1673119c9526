import { setTimeout as sleep } from 'node:timers/promises'
import { reported } from '@lockstep/testing/faults/findings'
import { TestProcess } from '@lockstep/testing/processes'
import { temporaryFolder } from '@lockstep/testing/tmp'
import { expect, test } from 'vitest'
import type { handlers as primaryHandlers } from '../fixtures/compacting-host.ts'
import type { handlers } from '../fixtures/load.ts'
import { random } from '../network.ts'
import { onMemory } from '../primary.ts'

const soak = Boolean(process.env['LOCKSTEP_SOAK'])
const kills = soak ? 200 : 20

type Worker = TestProcess<typeof handlers>
type Primary = TestProcess<typeof primaryHandlers>

/** Two workers that outlive their primaries, one of which is always about to come. */
class Shop implements AsyncDisposable {
  readonly workers: readonly [Worker, Worker]
  readonly #folder: string
  readonly #fsync: false | 'batch'
  #primary: Primary | undefined
  #next = startPrimary()

  static async open(folder: string, fsync: false | 'batch'): Promise<Shop> {
    const shop = new Shop(folder, fsync)
    await shop.each((worker) => worker.message('ready'))
    await shop.open()
    return shop
  }

  private constructor(folder: string, fsync: false | 'batch') {
    this.#folder = folder
    this.#fsync = fsync
    this.workers = [startWorker('a'), startWorker('b')]
  }

  async open(): Promise<void> {
    this.#primary = this.#next
    await this.#primary.message('ready')
    const env = await this.#primary.ask('open', this.#folder, this.#fsync)
    this.#next = startPrimary()
    await this.each((worker) => worker.ask('connect', env))
  }

  async kill(): Promise<void> {
    await this.#primary?.kill()
    await this.each((worker) => worker.ask('settle'))
  }

  async each<T>(work: (worker: Worker) => Promise<T>): Promise<T[]> {
    return Promise.all(this.workers.map(work))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [this.#next, ...this.workers, ...(this.#primary === undefined ? [] : [this.#primary])]
    await Promise.all(all.map((process) => process[Symbol.asyncDispose]()))
  }
}

function startPrimary(): Primary {
  return new TestProcess(new URL('../fixtures/compacting-host.ts', import.meta.url))
}

function startWorker(name: string): Worker {
  return new TestProcess(new URL('../fixtures/load.ts', import.meta.url), { args: [name] })
}

/** What speaks against the journal, in words. */
async function lossesOf(shop: Shop): Promise<string[]> {
  const counts = await shop.each((worker) => worker.ask('counts'))
  return counts.flatMap(({ plain, plainValue = 0, written, entry }) => {
    const { acknowledged, unknown } = plain
    const value = Number(entry?.value ?? 0)
    const lost = plainValue < acknowledged || value < written.value || (entry?.version ?? 0) < written.version
    // The write that was under way may have been the last.
    const twice = plainValue > acknowledged + unknown || value > written.value + 1
    const seen = JSON.stringify({ plain, plainValue, written, entry })
    return [...(lost ? [`lost: ${seen}`] : []), ...(twice ? [`applied twice: ${seen}`] : [])]
  })
}

test(
  `after ${kills} kills of the primary under load nothing acknowledged is lost, and nothing is applied twice`,
  { timeout: kills * 10_000 },
  async ({ task }) => {
    const seed = Number(process.env['LOCKSTEP_SEED'] ?? Date.now() % 2 ** 31)
    const next = random(seed)
    await using folder = await temporaryFolder()
    await using shop = await Shop.open(folder.path, false)
    const violations: string[] = []
    for (let round = 0; round < kills; round++) {
      await shop.each((worker) => worker.ask('load'))
      // The moment of the kill is what is tried out.
      await sleep(20 + next() * 120)
      await shop.kill()
      await shop.open()
      violations.push(...(await lossesOf(shop)))
    }
    await shop.each((worker) => worker.ask('finish'))
    const counts = await shop.each((worker) => worker.ask('counts'))
    const operations = counts.reduce((sum, count) => sum + count.operations, 0)
    const unlike = counts.filter(({ identified }) => identified !== operations)
    violations.push(...unlike.map(({ identified }) => `${operations} operations with ids made ${identified}`))
    const plain = counts.map((count) => count.plain)
    const found = {
      operations: operations + plain.reduce((sum, { acknowledged, unknown }) => sum + acknowledged + unknown, 0),
      faults: kills,
      indeterminate: plain.reduce((sum, { unknown }) => sum + unknown, 0),
      violations,
    }
    expect(
      reported(task, { on: onMemory, row: 'L5', what: 'a primary with a journal is killed', seed }, found),
    ).toEqual([])
    expect(operations).toBeGreaterThan(kills * 20)
  },
)

test('a lock that a killed primary gave is nobody else’s before its deadline, and then it is', async () => {
  await using folder = await temporaryFolder()
  await using shop = await Shop.open(folder.path, 'batch')
  const [holder, other] = shop.workers
  const deadline = await holder.ask('hold', 'till', 4_000)
  await shop.kill()
  await shop.open()
  const had = await other.ask('get', 'till')
  // The clocks of two processes are compared, and the wall clock of a record is in whole milliseconds.
  expect(had).toBeGreaterThan(deadline - 2)
  expect(had).toBeLessThan(deadline + 3_000)
})
