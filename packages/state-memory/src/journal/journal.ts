import type { Engine, Time } from '@lockstep/engine'
import type { CommandLog, LogHealth } from '@lockstep/link'
import { monotonic } from '@lockstep/state'
import type { Failure } from '@lockstep/state'
import { compact } from './compaction.ts'
import { reasonOf } from './failures.ts'
import type { JournalFile } from './file.ts'
import type { Ownership } from './owner.ts'
import { recordIn } from './record.ts'

/** Bytes of commands after the snapshot from which compaction is worth it, if they are so many times the snapshot. */
const COMPACT_BYTES: number = 4 * 1024 * 1024
const COMPACT_RATIO = 2
/** Bytes: enough for nearly every batch. */
const SCRATCH: number = 256 * 1024
/** Milliseconds until a compaction that failed is tried again, doubled each time up to the longest. */
const FIRST_RETRY = 1_000
const LONGEST_RETRY = 300_000

/** A journal that was read, and what came of it. */
export interface Opened {
  readonly engine: Engine
  readonly file: JournalFile
  /** Bytes of the snapshot that the file begins with. */
  readonly base: number
  /** What went wrong before. */
  readonly warning: string | undefined
}

export interface JournalSettings {
  readonly ownership: Ownership
  readonly sync: boolean
  /** Milliseconds; `null`: as long as the engine does by itself. */
  readonly retention: number | null
  /** Default: 4 MiB. */
  readonly compactBytes: number | undefined
}

/** Keeps the commands of an engine in a file, which is written anew from a snapshot when it has grown long. */
export class Journal implements CommandLog {
  readonly #engine: Engine
  readonly #file: JournalFile
  readonly #settings: JournalSettings
  readonly #warning: string | undefined
  /** For one record at a time: a new one for each would cost more than its writing. */
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH)
  /** Bytes of the snapshot at the beginning of the file. */
  #base: number
  #compacting: Promise<void> | undefined
  #failedCompactions = 0
  #compactionTrouble: string | undefined
  /** On `monotonic()`. */
  #retryAt = -Infinity
  #closed = false

  constructor({ engine, file, base, warning }: Opened, settings: JournalSettings) {
    this.#engine = engine
    this.#file = file
    this.#base = base
    this.#warning = warning
    this.#settings = settings
  }

  append(entry: string, time: Time): Failure | undefined {
    // All that was appended before has been carried out by now: the snapshot has it.
    if (this.#isLong) this.#compact(time)
    return this.#file.append(recordIn(this.#scratch, entry))
  }

  health(): LogHealth {
    const durability = this.#settings.sync
      ? 'Acknowledged writes survive the death of every process and of the machine: the journal of the primary has them on its disk before they are answered.'
      : 'Acknowledged writes survive the death of every process, the primary too: its journal has them before they are answered; those of the last moments before the death of the machine may be lost.'
    const warnings = [this.#file.warning, this.#compactionTrouble, this.#warning]
    return { durability, warnings: warnings.filter((warning) => warning !== undefined) }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#compacting
    this.#file.close()
    await this.#settings.ownership.release()
  }

  get #isLong(): boolean {
    const commands = this.#file.length - this.#base
    if (commands < (this.#settings.compactBytes ?? COMPACT_BYTES) || commands < COMPACT_RATIO * this.#base) return false
    return this.#compacting === undefined && !this.#closed && !this.#file.broken && monotonic() >= this.#retryAt
  }

  #compact(time: Time): void {
    const { sync, retention } = this.#settings
    const snapshot = { records: this.#engine.snapshot(time), retention }
    this.#compacting = compact(this.#file, this.#file.length, { snapshot, sync, checkpoint: this.#checkpoint })
      .then((base) => this.#settle(base))
      .catch((error: unknown) => this.#postpone(error))
      .finally(() => (this.#compacting = undefined))
  }

  readonly #checkpoint = (): void => {
    if (this.#closed || this.#file.broken) throw new Error('the journal was closed')
  }

  #settle(base: number): void {
    this.#base = base
    this.#failedCompactions = 0
    this.#compactionTrouble = undefined
  }

  // The journal goes on as it was, and grows.
  #postpone(error: unknown): void {
    if (this.#closed) return
    this.#retryAt = monotonic() + Math.min(FIRST_RETRY * 2 ** this.#failedCompactions++, LONGEST_RETRY)
    this.#compactionTrouble = `The journal ${this.#file.path} could not be compacted (${reasonOf(error)}): it goes on growing, and it is tried again`
  }
}
