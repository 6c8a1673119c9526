import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine, SnapshotRecord, Time } from '@lockstep/engine'
import { replayEntry, type CommandLog } from '@lockstep/link'
import type { Failure } from '@lockstep/state'
import { journalSource } from '../../src/journal/opening.ts'
import { checkJournal, type JournalOptions } from '../../src/journal/options.ts'

export const start: Time = { now: 10_000, wall: 1_700_000_000_000_000 }

export interface Step {
  readonly client: string
  /** Milliseconds since the step before. */
  readonly after: number
  /** As it travels, or the end of the client, or a tick. */
  readonly command: readonly unknown[] | 'drop' | 'tick'
}

/** The journal of a folder, with clocks that a test moves. */
export class Scratch {
  readonly folder: string
  readonly path: string
  time: Time = start
  readonly #engine: Engine
  readonly #log: CommandLog

  static async open(
    folder: string,
    { time = start, compactBytes, ...options }: Partial<JournalOptions> & { time?: Time; compactBytes?: number } = {},
  ): Promise<Scratch> {
    const source = journalSource(checkJournal({ folder, ...options }) as Required<JournalOptions>, {
      time: () => time,
      ...(compactBytes !== undefined && { compactBytes }),
    })
    const { engine, log } = await source.open({ onOffer: () => {}, operationRetention: 60_000 })
    return new Scratch(folder, time, engine, log)
  }

  private constructor(folder: string, time: Time, engine: Engine, log: CommandLog) {
    this.folder = folder
    this.path = join(folder, 'journal')
    this.time = time
    this.#engine = engine
    this.#log = log
  }

  get size(): number {
    return statSync(this.path).size
  }

  get warnings(): readonly string[] {
    return this.#log.health().warnings
  }

  /** What a runner does: the log first, then the engine. */
  perform({ client, after, command }: Step): Failure | undefined {
    this.time = { now: this.time.now + after, wall: this.time.wall + after * 1000 }
    const entry = JSON.stringify(entryOf(client, command, this.time))
    const refusal = this.#log.append(entry, this.time)
    if (refusal === undefined) replayEntry(this.#engine, JSON.parse(entry))
    return refusal
  }

  add(name: string, delta: number): Failure | undefined {
    return this.perform({ client: 'c', after: 1, command: [6, name, 0, delta] })
  }

  counter(name: string): unknown {
    return this.#engine.execute('c', { op: 'readCounter', name }, this.time)
  }

  snapshot(): SnapshotRecord[] {
    return this.#engine.snapshot(this.time)
  }

  close(): Promise<void> {
    return this.#log.close()
  }
}

function entryOf(client: string, command: Step['command'], { now, wall }: Time): unknown[] {
  if (command === 'tick') return [3, now, wall]
  return command === 'drop' ? [2, now, wall, client, false] : [1, now, wall, client, command]
}

/** A journal of these bytes in a folder of its own. */
export function plant(folder: string, bytes: Buffer): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'journal'), bytes)
  return folder
}

export function bytesOf({ path }: Scratch): Buffer {
  return readFileSync(path)
}

export function copyTo(folder: string, { path }: Scratch): string {
  mkdirSync(folder, { recursive: true })
  copyFileSync(path, join(folder, 'journal'))
  return folder
}
