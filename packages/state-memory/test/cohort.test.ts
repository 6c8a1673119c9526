import {
  createClusterState,
  isStateError,
  type ClusterState,
  type Lease,
  type LockInspection,
  type Locks,
} from '@lockstep/state'
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { cohortMemory } from './cohort-memory.ts'
import { Network, Numbering, random } from './network.ts'

/** In each process. */
const contenders = 16

/** A grant is handed on for some milliseconds, which a busy machine may not give us. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['performance'] })
}

afterEach(() => void vi.useRealTimers())

/** What the holders of one lock see, in the order in which they get it. */
class Watch {
  #last = 0
  readonly #holding = new Set<Lease>()

  enter(lease: Lease): void {
    for (const other of this.#holding) assert.equal(other.held, false, `${other.token} and ${lease.token} hold at once`)
    assert.ok(lease.token > this.#last, `token ${lease.token} follows ${this.#last}`)
    this.#last = lease.token
    this.#holding.add(lease)
  }

  leave(lease: Lease): void {
    this.#holding.delete(lease)
  }
}

/** Two processes, each with its network to the store they share. */
class Contest implements AsyncDisposable {
  readonly #states: readonly ClusterState[]
  readonly #networks: readonly Network[]

  private constructor(states: readonly ClusterState[], networks: readonly Network[]) {
    this.#states = states
    this.#networks = networks
  }

  static async open(seed: number, { honest = true, losses = 0 } = {}): Promise<Contest> {
    const numbering = new Numbering({ honest })
    const networks = [seed, seed + 50].map((start) => new Network(random(start), losses))
    const adapters = networks.map((network) => cohortMemory((locks) => network.to(numbering.of(locks))))
    return new Contest(await Promise.all(adapters.map((adapter) => createClusterState({ adapter }))), networks)
  }

  /** Every contender takes its turns one after the other. Resolves with how many each has had when there were `turns` in all. */
  async run(turn: (locks: Locks, next: () => number) => Promise<void>, turns: number, seed: number): Promise<number[]> {
    let left = turns
    return Promise.all(
      this.#states.flatMap(({ locks }, process) =>
        Array.from({ length: contenders }, async (_, index) => {
          const next = random(seed + 100 * process + index + 1)
          let had = 0
          for (; left > 0; left -= 1, had += 1) await turn(locks, next)
          return had
        }),
      ),
    )
  }

  get requests(): number {
    return this.#networks.reduce((sum, { requests }) => sum + requests, 0)
  }

  async inspect(name: string): Promise<LockInspection | null> {
    const answers = await Promise.allSettled(this.#states.map(({ locks }) => locks.inspect(name)))
    return answers.find((answer) => answer.status === 'fulfilled')?.value ?? null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#states.map((state) => state.close()))
  }
}

async function withSeed(run: (seed: number) => Promise<void>): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 31)
  try {
    await run(seed)
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error })
  }
}

/** Callers that hold for random times, overstay, abort and give up, over a network that loses answers. */
function unruly(watch: Watch, name: string): (locks: Locks, next: () => number) => Promise<void> {
  return async (locks, next) => {
    const mood = next()
    const overstays = mood < 0.05
    const abort = new AbortController()
    const options = {
      ttl: overstays ? 20 : 500,
      autoExtend: !overstays,
      wait: mood > 0.9 ? Math.floor(next() * 5) : 20_000,
      signal: abort.signal,
    }
    if (mood > 0.7 && mood < 0.8) setTimeout(() => abort.abort(), next() * 5)
    try {
      const lease = mood > 0.95 ? await locks.tryAcquire(name, options) : await locks.acquire(name, options)
      if (lease === null) return
      watch.enter(lease)
      if (overstays) await pause(25)
      else if (next() < 0.3) await pause(next() * 3)
      else await new Promise(setImmediate)
      watch.leave(lease)
      // The answer may be lost on its way.
      await lease.release().catch(() => {})
    } catch (error) {
      if (abort.signal.aborted && error === abort.signal.reason) return
      if (mood > 0.9 && isStateError(error) && /TIMEOUT|UNAVAILABLE/.test(error.code)) return
      throw error
    }
  }
}

test('whatever callers and network do, one at a time holds the lock, tokens grow, and all who wait are served', () =>
  withSeed(async (seed) => {
    await using contest = await Contest.open(seed, { losses: 0.005 })
    await contest.run(unruly(new Watch(), 'rough'), 2_000, seed)
    // A release that was lost ends with its lease.
    await expect.poll(() => contest.inspect('rough')).toMatchObject({ held: false, waiters: 0 })
  }))

test('a process that hands on costs a request for every other holder at most, and no caller its turn', () =>
  withSeed(async (seed) => {
    stopClock()
    await using contest = await Contest.open(seed)
    const watch = new Watch()
    const turns = await contest.run(
      (locks) =>
        locks.using('short', async (lease) => {
          watch.enter(lease)
          await new Promise(setImmediate)
          watch.leave(lease)
        }),
      4_000,
      seed,
    )
    expect(contest.requests / turns.reduce((sum, had) => sum + had, 0)).toBeLessThan(0.5)
    expect(Math.max(...turns) / Math.min(...turns)).toBeLessThan(1.2)
  }))

test('a store that gives reserved tokens to others is found out', async () => {
  stopClock()
  await using contest = await Contest.open(1, { honest: false })
  const watch = new Watch()
  const run = contest.run((locks) => locks.using('reused', (lease) => watch.enter(lease)), 1_000, 1)
  await expect(run).rejects.toThrow(/token \d+ follows/)
})
