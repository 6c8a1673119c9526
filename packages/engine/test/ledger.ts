import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import type { Answer, Command } from '../src/index.ts'
import type { Step } from './histories.ts'

interface Lease {
  readonly client: string
  readonly owner: string
  readonly token: number
  /** Monotonic milliseconds; 0 once given up. */
  end: number
}

/** Reads the answers of an engine, step by step, and fails on the first that breaks a promise. */
export class Ledger {
  /** The last lease of each lock. */
  readonly #leases: Map<string, Lease> = new Map()
  /** What each entry was last read as. */
  readonly #reads: Map<string, { readonly value: string; readonly version: number }> = new Map()
  #now = 0

  read({ client, command, time }: Step, answer: unknown): void {
    this.#now = Math.max(this.#now, Math.floor(time.now))
    if (command === 'drop') {
      for (const lease of this.#leases.values()) if (lease.client === client) lease.end = 0
    } else if (typeof command === 'object') {
      this.#judge(client, command, answer)
    }
  }

  #judge(client: string, command: Command, answer: unknown): void {
    if (command.op === 'acquire') this.#judgeAcquire(client, command, answer as Answer<'acquire'>)
    if (command.op === 'extend') this.#judgeExtend(client, command, answer as Answer<'extend'>)
    if (command.op === 'release' || command.op === 'cancel') {
      const lease = this.#lease(command.name, client, command.owner)
      if (command.op === 'release') strictEqual(answer, lease !== undefined)
      if (lease !== undefined) lease.end = 0
    }
    if (command.op === 'inspect') {
      const lease = this.#leases.get(command.name)
      const { token } = answer as Answer<'inspect'>
      strictEqual(token, lease !== undefined && lease.end > this.#now ? lease.token : 0)
    }
    if (command.op === 'readCounter' && typeof answer === 'number') ok(answer >= 0)
    if (command.op === 'readEntry') this.#judgeRead(command.name, answer as Answer<'readEntry'>)
  }

  /** One valid holder at most, and greater tokens all the time. */
  #judgeAcquire(client: string, { name, owner, ttl }: Command<'acquire'>, answer: Answer<'acquire'>): void {
    const mine = this.#lease(name, client, owner)
    const last = this.#leases.get(name)
    if (mine !== undefined) {
      deepStrictEqual(answer, { granted: true, token: mine.token, expiresIn: mine.end - this.#now })
    } else if (answer.granted) {
      ok(last === undefined || last.end <= this.#now)
      ok(last === undefined || last.token < answer.token)
      strictEqual(answer.expiresIn, ttl)
      this.#leases.set(name, { client, owner, token: answer.token, end: this.#now + ttl })
    } else {
      ok(answer.expiresIn > 0)
    }
  }

  #judgeExtend(client: string, { leases }: Command<'extend'>, answer: Answer<'extend'>): void {
    const held = leases.map(({ name, owner, ttl }) => {
      const lease = this.#lease(name, client, owner)
      if (lease !== undefined) lease.end = Math.max(lease.end, this.#now + ttl)
      return lease !== undefined
    })
    deepStrictEqual(answer, held)
  }

  /** A version stands for one value, and versions grow. */
  #judgeRead(name: string, answer: Answer<'readEntry'>): void {
    if (answer === null || 'code' in answer) return
    const last = this.#reads.get(name)
    if (last?.version === answer.version) strictEqual(answer.value, last.value)
    else ok(last === undefined || last.version < answer.version)
    this.#reads.set(name, answer)
  }

  /** The lease of this owner, if it is still valid. */
  #lease(name: string, client: string, owner: string): Lease | undefined {
    const lease = this.#leases.get(name)
    const valid = lease?.client === client && lease.owner === owner && lease.end > this.#now
    return valid ? lease : undefined
  }
}
