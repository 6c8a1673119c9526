/**
 * What a journal says, record after record:
 *
 * - first `{ journal: 'lockstep', format, created, snapshot, retention }`: how many records of a snapshot follow, and how
 *   long operation ids are kept;
 * - `{ snapshot: […] }`, a part of these records;
 * - `{ opened: { now, wall }, retention, forgot }`: a process went on from here, at this time on its own clocks;
 * - the entries of the link's log.
 */
import { Engine } from '@lockstep/engine'
import type { EngineOptions, SnapshotRecord, Time } from '@lockstep/engine'
import { replayEntry } from '@lockstep/link'
import { tooNew } from './failures.ts'

/** Raised whenever a record changes its shape or an entry its meaning. */
export const FORMAT = 1

export interface Head {
  readonly journal: 'lockstep'
  readonly format: number
  /** ISO 8601, for people. */
  readonly created: string
  readonly snapshot: number
  /** Milliseconds; `null`: as long as the engine does by itself. */
  readonly retention: number | null
}

export interface Opening {
  readonly opened: Time
  readonly retention: number | null
  /** Changes may have been lost with the records of them, and fence marks too: fences from before are refused. */
  readonly forgot: boolean
}

export type OnOffer = EngineOptions['onOffer']

/** Builds the engine again that a journal tells of. */
export class Replay {
  readonly #path: string
  readonly #onOffer: OnOffer
  #head: Head | undefined
  #snapshot: SnapshotRecord[] = []
  #engine: Engine | undefined
  #last: Time = { now: 0, wall: 0 }
  #records = 0
  #base = 0

  constructor(path: string, onOffer: OnOffer) {
    this.#path = path
    this.#onOffer = onOffer
  }

  /** How many have been taken. */
  get records(): number {
    return this.#records
  }

  /** The time of the last of them. */
  get last(): Time {
    return this.#last
  }

  /** Where the snapshot ends, in bytes. */
  get base(): number {
    return this.#base
  }

  /** `undefined`: the snapshot is not complete. */
  get engine(): Engine | undefined {
    return this.#engine
  }

  /** The engine as far as it could be read; `undefined`: not even the start of a snapshot. */
  salvage(): Engine | undefined {
    if (this.#engine === undefined && this.#snapshot.length > 0) this.#restore()
    return this.#engine
  }

  /**
   * `end`: of the record, in bytes of the file. Throws an `UnsupportedError` at a newer format, and any other error at
   * what makes no sense.
   */
  take(payload: unknown, end: number): void {
    if (this.#head === undefined) this.#head = readHead(this.#path, payload)
    else if (Array.isArray(payload)) this.#last = replayEntry(this.#started(), payload)
    else this.#takeOwn(payload as { snapshot: SnapshotRecord[] } | Opening, end)
    this.#records++
  }

  #takeOwn(record: { readonly snapshot: readonly SnapshotRecord[] } | Opening, end: number): void {
    if ('opened' in record) {
      this.#engine = reopen(this.#started(), this.#last, record, this.#onOffer)
      this.#last = record.opened
      return
    }
    for (const part of record.snapshot) this.#snapshot.push(part)
    if (this.#snapshot.length !== this.#head?.snapshot) return
    this.#restore()
    this.#base = end
  }

  #restore(): void {
    const [header] = this.#snapshot
    if (header?.kind !== 'header') throw new Error('the snapshot has no header')
    const opened = header.time
    const retention = this.#head?.retention ?? null
    this.#engine = Engine.restore(this.#snapshot, engineOptions({ opened, retention }, this.#onOffer))
    this.#last = opened
    this.#snapshot = []
  }

  #started(): Engine {
    if (this.#engine === undefined) throw new Error('the snapshot is not complete')
    return this.#engine
  }
}

/**
 * The engine in another process, at another time: what lives has lived on in between by the clocks, and no client of
 * before comes back. Their leases are kept until the deadlines that they were given, so that no lock is granted before.
 */
export function reopen(engine: Engine, last: Time, opening: Opening, onOffer: OnOffer): Engine {
  const records = engine.snapshot(last)
  const [header] = records
  if (opening.forgot && header?.kind === 'header') records[0] = { ...header, fenceFloor: opening.opened.wall }
  const reopened = Engine.restore(records, engineOptions(opening, onOffer))
  reopened.dropAllClients(opening.opened, { keepLeases: true })
  return reopened
}

export function engineOptions({ opened, retention }: Omit<Opening, 'forgot'>, onOffer: OnOffer): EngineOptions {
  return { started: opened, onOffer, ...(retention !== null && { operationRetention: retention }) }
}

function readHead(path: string, payload: unknown): Head {
  const head = payload as Partial<Head>
  if (head.journal !== 'lockstep') throw new Error('it does not begin as a journal')
  if (head.format !== FORMAT) throw tooNew(path, head.format, FORMAT)
  return head as Head
}
