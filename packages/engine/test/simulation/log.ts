import type { Command, EngineOptions, SnapshotRecord, Time } from '../../src/index.ts'
import { operationRetention } from './change.ts'
import type { Machine, Rules } from './rules.ts'
import { same } from './same.ts'
import { violated } from './violation.ts'

type Event =
  | {
      readonly kind: 'command'
      readonly client: string
      readonly command: Command
      readonly time: Time
      readonly answer: unknown
    }
  | { readonly kind: 'drop'; readonly client: string; readonly keepLeases: boolean; readonly time: Time }
  | { readonly kind: 'tick'; readonly time: Time }

/** A snapshot, and everything that the engine was told since. */
export class Log {
  readonly records: readonly SnapshotRecord[]
  /** When the snapshot was taken. */
  readonly began: Time
  readonly #events: Event[] = []

  constructor(records: readonly SnapshotRecord[], began: Time) {
    // As they are read back from a file.
    this.records = JSON.parse(JSON.stringify(records)) as SnapshotRecord[]
    this.began = began
  }

  /** What only looks changes nothing, and is left out. */
  command(client: string, command: Command, time: Time, answer: unknown): void {
    if (command.op === 'inspect' || ((command.op === 'readCounter' || command.op === 'readEntry') && !command.fence))
      return
    this.#events.push({ kind: 'command', client, command, time, answer })
  }

  drop(client: string, time: Time, keepLeases: boolean): void {
    this.#events.push({ kind: 'drop', client, time, keepLeases })
  }

  tick(time: Time): void {
    this.#events.push({ kind: 'tick', time })
  }

  /** Where the moment of the snapshot lies for a host that starts now: lifetimes pass with the slower of the two clocks. */
  momentFor(started: Time): number {
    const onWall = Math.max(0, (started.wall - this.began.wall) / 1000)
    return Math.floor(started.now) - Math.floor(Math.min(onWall, started.now - Math.floor(this.began.now)))
  }

  /** An engine that was told all of it. */
  replay(rules: Rules, options: EngineOptions): Machine {
    const engine = rules.restore(this.records, options)
    for (const event of this.#events) {
      if (event.kind === 'tick') engine.tick(event.time)
      else if (event.kind === 'drop') engine.dropClient(event.client, event.time, event)
      else if (!same(engine.execute(event.client, event.command, event.time), event.answer)) {
        violated(`replayed, ${JSON.stringify(event.command)} is answered otherwise`)
      }
    }
    return engine
  }

  verify(engine: Machine, time: Time, rules: Rules): void {
    const replayed = this.replay(rules, { started: this.began, onOffer: () => {}, operationRetention })
    const [expected, actual] = [engine, replayed].map((each) => canonical(each.snapshot(time)))
    if (expected !== actual) violated(`the log, replayed, gives another engine: ${actual}, not ${expected}`)
  }
}

/** In one order, without what has ended and only its memory is left. */
function canonical(records: readonly SnapshotRecord[]): string {
  const lines = new Map<string, string>()
  for (const record of records) {
    const text = JSON.stringify(record)
    if (record.kind === 'counterSequence' || record.kind === 'entrySequence') {
      if (record.expiresIn <= 0) continue
      // The later of two records of a name stands.
      lines.set(`${record.kind} ${record.client} ${record.name}`, text)
    } else if (record.kind !== 'operation' || record.expiresIn > 0) lines.set(text, text)
  }
  return [...lines.values()].toSorted().join('\n')
}
