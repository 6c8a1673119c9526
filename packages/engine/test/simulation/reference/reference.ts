import type { Command, Time } from '../../../src/index.ts'
import type { Change, Tagged } from '../change.ts'
import type { Coverage } from '../coverage.ts'
import { ReferenceCounters } from './counters.ts'
import { ReferenceEntries } from './entries.ts'
import { ReferenceLocks } from './locks.ts'
import { empty, failure, type Memory } from './memory.ts'

const sequenceRetention = 121_000
/**
 * What the contract says of a store, in arrays and loops, to hold an engine against, answer by answer. Unlike the model
 * of the conformance suite it knows sequence records, ticks and restarts, and tells each change when it is applied.
 */
export class Reference {
  readonly #coverage: Coverage
  readonly #offered: (client: string, owner: string) => void
  #memory: Memory
  #locks: ReferenceLocks
  #counters: ReferenceCounters
  #entries: ReferenceEntries
  #now: number
  #wall = 0
  /** Which line of history this is: a loss of state begins another. */
  lineage = 1

  constructor(started: Time, coverage: Coverage, offered: (client: string, owner: string) => void) {
    this.#coverage = coverage
    this.#offered = offered
    this.#now = Math.floor(started.now)
    this.#memory = empty(started.wall)
    this.#locks = new ReferenceLocks(this.#memory.locks, coverage, offered)
    this.#counters = new ReferenceCounters(this.#memory, coverage, this.#applied)
    this.#entries = new ReferenceEntries(this.#memory, coverage, this.#applied, this.#version)
  }

  get locks(): ReferenceLocks {
    return this.#locks
  }

  /** All that it knows, to `restore` later. */
  save({ now, wall }: Time): { readonly memory: unknown; readonly now: number } {
    this.#memory.lastToken = Math.max(this.#memory.lastToken, wall - 1)
    return { memory: structuredClone(this.#memory), now: Math.floor(now) }
  }

  /** Know nothing. */
  restart(started: Time): void {
    this.lineage++
    this.#now = Math.floor(started.now)
    this.#adopt(empty(started.wall))
  }

  /** Know what was saved, when that moment lies at `moment` on the monotonic clock. */
  restore(saved: { readonly memory: unknown; readonly now: number }, moment: number, started: Time): void {
    const memory = structuredClone(saved.memory) as Memory
    const shift = moment - saved.now
    memory.lastToken = Math.max(memory.lastToken, started.wall - 1)
    this.lineage++
    this.#now = Math.floor(started.now)
    const { locks, counters, entries, tombstones, operations, sequences } = memory
    for (const item of [...counters, ...entries, ...tombstones, ...operations, ...sequences]) item.end += shift
    for (const entry of entries) Object.assign(entry, { lastEnd: entry.lastEnd + shift })
    for (const { holder, offer, queue } of locks) {
      if (holder !== undefined) holder.end += shift
      if (offer !== undefined) offer.end += shift
      for (const waiter of queue) waiter.until += shift
    }
    this.#adopt(memory)
  }

  execute(client: string, command: Command, time: Time): unknown {
    const now = this.#advance(time)
    switch (command.op) {
      case 'acquire':
        return this.#locks.acquire(client, command, now, this.#token)
      case 'cancel':
        return this.#locks.cancel(client, command, now)
      case 'extend':
        return this.#locks.extend(client, command, now)
      case 'release':
        return this.#locks.release(client, command, now)
      case 'inspect':
        return this.#locks.inspect(command, now)
      case 'changeCounter':
        return this.#once(client, ['counter', command.name], command.sequence, now, () =>
          command.changes.map((change) => this.#counters.change(command.name, change, now)),
        )
      case 'addAll':
        return this.#once(client, ['counter', ...command.changes.map(({ name }) => name)], command.sequence, now, () =>
          this.#counters.addAll(command, now),
        )
      case 'readCounter':
        return this.#counters.read(command.name, command.fence, now)
      case 'changeEntry':
        return this.#once(client, ['entry', command.name], command.sequence, now, () =>
          command.changes.map((change) => this.#entries.change(command.name, change, now)),
        )
      case 'readEntry':
        return this.#entries.read(command.name, command.fence, now)
    }
  }

  dropClient(client: string, keepLeases: boolean, time: Time): void {
    this.#locks.dropClient(client, keepLeases, this.#advance(time))
  }

  tick(time: Time): void {
    this.#locks.tick(this.#advance(time))
  }

  #adopt(memory: Memory): void {
    this.#memory = memory
    this.#locks = new ReferenceLocks(memory.locks, this.#coverage, this.#offered)
    this.#counters = new ReferenceCounters(memory, this.#coverage, this.#applied)
    this.#entries = new ReferenceEntries(memory, this.#coverage, this.#applied, this.#version)
  }

  #advance(time: Time): number {
    this.#wall = time.wall
    this.#now = Math.max(this.#now, Math.floor(time.now))
    return this.#now
  }

  /** At least the wall clock and the floor, and greater than every one before. */
  readonly #token = (reserve: number): number => {
    const token = Math.max(this.#memory.lastToken + 1, this.#wall)
    this.#memory.lastToken = token + reserve
    return token
  }

  readonly #version = (): number => this.#token(0)

  readonly #applied = (given: object): void => {
    const { change } = given as Tagged
    this.#coverage.count('changes applied')
    // A caller of the simulation itself has no call on record.
    if ((change as Change | undefined) !== undefined) change.apply(this.lineage, this.#now)
  }

  #once(client: string, [kind, ...names]: string[], sequence: number, now: number, work: () => unknown): unknown {
    if (sequence === 0) return work()
    const { sequences } = this.#memory
    const known = names.map((name) => {
      const key = `${kind} ${name}`
      const record = sequences.find((each) => each.client === client && each.name === key)
      if (record !== undefined) return record
      const fresh = { client, name: key, sequence: 0, answer: undefined, end: 0 }
      sequences.push(fresh)
      return fresh
    })
    for (const record of known) {
      if (record.end <= now || record.sequence < sequence) continue
      if (record.sequence > sequence) return failure.unknown
      this.#coverage.count('repeats answered from the record')
      return record.answer
    }
    const answer = work()
    for (const record of known) Object.assign(record, { sequence, answer, end: now + sequenceRetention })
    return answer
  }
}
