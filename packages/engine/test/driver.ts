import {
  type Answer,
  type Command,
  Engine,
  type EngineOptions,
  type Operation,
  type SnapshotRecord,
  type Time,
} from '../src/index.ts'
import type { ChangeList, CounterChange, EntryChange, Failure, Fence } from '@lockstep/state'

export const day = 86_400_000

/** Microseconds of the wall clock when the monotonic clock of a test stands at 0. */
export const firstWall = 1_800_000_000_000_000

/** An engine with clocks that a test moves by hand. */
export class Driver {
  now: number
  readonly engine: Engine
  /** Owners in the order in which they were offered a lock. */
  readonly offers: string[] = []

  constructor({ now = 5_000, records }: { now?: number; records?: Iterable<SnapshotRecord> } = {}) {
    this.now = now
    const options: EngineOptions = { started: this.time, onOffer: (_client, owner) => this.offers.push(owner) }
    this.engine = records === undefined ? new Engine(options) : Engine.restore(records, options)
  }

  get time(): Time {
    return { now: this.now, wall: firstWall + this.now * 1000 }
  }

  /** Let time go by, without a tick. */
  pass(milliseconds: number): void {
    this.now += milliseconds
  }

  tick(): void {
    this.engine.tick(this.time)
  }

  execute<O extends Operation>(client: string, command: Command<O>): Answer<O> | Failure {
    return this.engine.execute(client, command, this.time)
  }

  /** The owner is the client's own unless told. */
  acquire(client: string, { name = 'lock', owner = client, ttl = 10_000, wait = 0 } = {}): Answer<'acquire'> | Failure {
    return this.execute(client, { op: 'acquire', name, owner, ttl, wait })
  }

  release(client: string, { name = 'lock', owner = client } = {}): Answer<'release'> | Failure {
    return this.execute(client, { op: 'release', name, owner })
  }

  /** One change, without a sequence record. */
  change(name: string, change: CounterChange): unknown {
    return first(this.execute<'changeCounter'>('a', { op: 'changeCounter', name, sequence: 0, changes: [change] }))
  }

  changes(client: string, list: ChangeList<CounterChange>): Answer<'changeCounter'> | Failure {
    return this.execute(client, { op: 'changeCounter', ...list })
  }

  read(name: string, fence?: Fence): Answer<'readCounter'> | Failure {
    return this.execute('a', { op: 'readCounter', name, ...(fence && { fence }) })
  }

  /** One change, without a sequence record. */
  changeEntry(name: string, change: EntryChange): unknown {
    return first(this.execute<'changeEntry'>('a', { op: 'changeEntry', name, sequence: 0, changes: [change] }))
  }

  readEntry(name: string, fence?: Fence): Answer<'readEntry'> | Failure {
    return this.execute('a', { op: 'readEntry', name, ...(fence && { fence }) })
  }
}

function first(answer: readonly unknown[] | Failure): unknown {
  return Array.isArray(answer) ? answer[0] : answer
}
