import type { Failure } from '@lockstep/state'
import type { Answer, Command, Operation, Time } from './command.ts'
import { Counters } from './counters.ts'
import { Entries } from './entries.ts'
import { Locks } from './locks.ts'
import { Sequences } from './sequences.ts'
import {
  type CounterAnswer,
  type EntryAnswer,
  readHeader,
  type SnapshotHeader,
  snapshotHeader,
  snapshotMoment,
  type SnapshotRecord,
} from './snapshot.ts'
import { Tokens } from './tokens.ts'

export interface EngineOptions {
  /** When the engine starts. It refuses every fence below `started.wall`, because it knows no marks from before. */
  readonly started: Time
  /** Called while a command or a tick runs: this waiter may now take its lock, by asking. Must not call the engine. */
  readonly onOffer: (client: string, owner: string) => void
  /** How long an `operationId` is answered from its record, in milliseconds; default one day. */
  readonly operationRetention?: number
}

/** How much the engine holds; what has expired may still be counted until the next tick. */
export interface EngineStats {
  /** Held, or free with a queue. */
  readonly locks: number
  readonly waiters: number
  readonly counters: number
  readonly entries: number
  readonly tombstones: number
  /** Counters and entries with fence marks. */
  readonly fences: number
  readonly operations: number
  readonly sequences: number
}

type Handlers = {
  readonly [O in Operation]: (client: string, command: Command<O>, now: number, wall: number) => Answer<O> | Failure
}

const day = 86_400_000

/**
 * The state machine behind every order of commands: the same commands with the same times give the same answers. It
 * reads no clock, sets no timer and does no I/O; commands are trusted to have the shapes that their types say.
 *
 * What only looks (`inspect`, a read without a fence) changes nothing, so a log of commands can leave it out.
 *
 * Time is counted in whole milliseconds, and a command that is given an earlier monotonic time than the one before it
 * happens at the time of that one.
 */
export class Engine {
  readonly #tokens: Tokens
  readonly #fenceFloor: number
  readonly #locks: Locks
  readonly #counters: Counters
  readonly #entries: Entries
  readonly #counterSequences: Sequences<CounterAnswer>
  readonly #entrySequences: Sequences<EntryAnswer>
  readonly #handlers: Handlers = {
    acquire: (client, command, now, wall) => this.#locks.acquire(client, command, now, wall),
    cancel: (client, command, now) => this.#locks.cancel(client, command, now),
    extend: (client, { leases }, now) => this.#locks.extend(client, leases, now),
    release: (client, command, now) => this.#locks.release(client, command, now),
    inspect: (_client, { name }, now) => this.#locks.inspect(name, now),
    changeCounter: (client, list, now) =>
      this.#counterSequences.once(client, [list.name], list.sequence, now, () => this.#counters.apply(list, now)),
    addAll: (client, request, now) => {
      const names = request.changes.map(({ name }) => name)
      const { sequence } = request
      return this.#counterSequences.once(client, names, sequence, now, () => this.#counters.applyAll(request, now))
    },
    readCounter: (_client, { name, fence }, now) => this.#counters.read(name, fence, now),
    changeEntry: (client, list, now, wall) =>
      this.#entrySequences.once(client, [list.name], list.sequence, now, () => this.#entries.apply(list, now, wall)),
    readEntry: (_client, { name, fence }, now) => this.#entries.read(name, fence, now),
  }
  #now: number

  /** `header`: of the snapshot that will be restored, see `Engine.restore`. */
  constructor({ started, onOffer, operationRetention = day }: EngineOptions, header?: SnapshotHeader) {
    const now = Math.floor(started.now)
    this.#now = now
    this.#tokens = new Tokens(header?.lastToken ?? 0)
    // Should the clock be set back later: tokens stay above those of an engine before this one, and above the floor.
    this.#tokens.raise(started.wall)
    this.#fenceFloor = header?.fenceFloor ?? started.wall
    this.#locks = new Locks(this.#tokens, onOffer, now)
    this.#counters = new Counters(this.#fenceFloor, operationRetention, now)
    this.#entries = new Entries(this.#tokens, this.#fenceFloor, now)
    this.#counterSequences = new Sequences(now)
    this.#entrySequences = new Sequences(now)
  }

  /**
   * An engine that answers as the one did that made the snapshot, also in another process or after a restart: lifetimes
   * are shorter by the time that has passed since. Offers that were open stay open and are not called out again.
   *
   * @throws {Error} when the records do not begin with the header of a snapshot in the format of this version.
   */
  static restore(records: Iterable<SnapshotRecord>, options: EngineOptions): Engine {
    let engine: Engine | undefined
    let moment = 0
    for (const record of records) {
      if (engine === undefined) {
        const header = readHeader(record)
        moment = snapshotMoment(header, options.started)
        engine = new Engine(options, header)
      } else {
        engine.#restore(record, moment)
      }
    }
    if (engine === undefined) throw new Error('Not a snapshot of the engine: it is empty')
    return engine
  }

  /** Carry out one command of a client, whose id the channel vouches for. */
  execute<O extends Operation>(client: string, command: Command<O>, time: Time): Answer<O> | Failure {
    const handle: Handlers[O] = this.#handlers[command.op]
    return handle(client, command, this.#advance(time), time.wall)
  }

  /**
   * A client is gone: its waiters leave every queue, and its leases are freed, or with `keepLeases` live on until their
   * ttl ends. What was recorded of its writes stays, should they be sent once more.
   */
  dropClient(client: string, time: Time, { keepLeases = false }: { readonly keepLeases?: boolean } = {}): void {
    this.#locks.dropClient(client, keepLeases, this.#advance(time))
  }

  /** The same for every client at once: the process that all of them spoke to was started anew. */
  dropAllClients(time: Time, { keepLeases = false }: { readonly keepLeases?: boolean } = {}): void {
    this.#locks.dropAllClients(keepLeases, this.#advance(time))
  }

  /**
   * Reclaim what has expired, and offer locks on. No command depends on it, each sees for itself what has expired; but
   * with it waiters hear of their turn in time, and memory is freed.
   */
  tick(time: Time): void {
    const now = this.#advance(time)
    this.#locks.tick(now)
    this.#counters.tick(now)
    this.#entries.tick(now)
    this.#counterSequences.tick(now)
    this.#entrySequences.tick(now)
  }

  /** Monotonic milliseconds when `tick` has something to do, up to 16 ms late; `Infinity`: nothing is due. */
  nextDeadline(): number {
    return Math.min(this.#locks.nextDeadline(), this.#counters.nextDeadline(), this.#entries.nextDeadline())
  }

  /**
   * Everything the engine knows, as plain records, the header first. They are a copy: commands may go on while they are
   * written out piece by piece.
   */
  snapshot(time: Time): SnapshotRecord[] {
    const now = this.#advance(time)
    // As the engine does that is restored at this time: both go on alike.
    this.#tokens.raise(time.wall)
    return [...this.#records({ now, wall: time.wall })]
  }

  stats(): EngineStats {
    return {
      locks: this.#locks.size,
      waiters: this.#locks.waiting,
      counters: this.#counters.size,
      entries: this.#entries.size,
      tombstones: this.#entries.tombstones.size,
      fences: this.#counters.fences.size + this.#entries.fences.size,
      operations: this.#counters.operations.size,
      sequences: this.#counterSequences.size + this.#entrySequences.size,
    }
  }

  #advance(time: Time): number {
    this.#now = Math.max(this.#now, Math.floor(time.now))
    return this.#now
  }

  #restore(record: SnapshotRecord, moment: number): void {
    switch (record.kind) {
      case 'header':
        throw new Error('Not a snapshot of the engine: it has a second header')
      case 'lock':
        return this.#locks.restore(record, moment)
      case 'counter':
        return this.#counters.restore(record, moment)
      case 'entry':
        return this.#entries.restore(record, moment)
      case 'tombstone':
        return this.#entries.tombstones.restore(record, moment)
      case 'counterFence':
        return this.#counters.fences.restore(record, moment)
      case 'entryFence':
        return this.#entries.fences.restore(record, moment)
      case 'operation':
        return this.#counters.operations.restore(record, moment)
      case 'counterSequence':
        return this.#counterSequences.restore(record, moment)
      case 'entrySequence':
        return this.#entrySequences.restore(record, moment)
    }
  }

  *#records({ now, wall }: Time): Iterable<SnapshotRecord> {
    yield snapshotHeader({ now, wall }, this.#tokens.last, this.#fenceFloor)
    yield* this.#locks.records(now)
    yield* this.#counters.records(now)
    yield* this.#entries.records(now)
    yield* this.#entries.tombstones.records(now)
    yield* this.#counters.operations.records(now)
    for (const record of this.#counters.fences.records(now)) yield { kind: 'counterFence', ...record }
    for (const record of this.#entries.fences.records(now)) yield { kind: 'entryFence', ...record }
    for (const record of this.#counterSequences.records(now)) yield { kind: 'counterSequence', ...record }
    for (const record of this.#entrySequences.records(now)) yield { kind: 'entrySequence', ...record }
  }
}
