/**
 * What a log keeps of an engine. The engine is deterministic, so its commands with their times are all that there is to
 * keep: carried out again in their order, they make the same engine. An entry is one line of JSON:
 * `[kind, now, wall, …]`, the commands in it as they travel (commands.ts).
 */
import type { Command, Engine, EngineOptions, Time } from '@lockstep/engine'
import type { Failure } from '@lockstep/state'
import { decodeCommand } from './commands.ts'
import { Fields } from './fields.ts'
import { ProtocolError } from './protocol.ts'

const BATCH = 1
const DROP = 2
const TICK = 3

/** Keeps entries, each before what it says is carried out. */
export interface CommandLog {
  /** `undefined`: it is kept. Otherwise it is not, or nobody knows, and what it says must not be carried out. */
  append(entry: string, time: Time): Failure | undefined
  health(): LogHealth
  close(): Promise<void>
}

export interface LogHealth {
  /** One sentence: what an acknowledged write survives. */
  readonly durability: string
  /** One sentence for each thing that is wrong. */
  readonly warnings: readonly string[]
}

/** Where an engine comes from that outlives its process. */
export interface EngineSource {
  /** Tells it from others, for people too. */
  readonly id: string
  /** The engine as the log has it, and the log that goes on from there. */
  open(options: Omit<EngineOptions, 'started'>): Promise<{ readonly engine: Engine; readonly log: CommandLog }>
}

/** Whether a log has to keep it: what only looks changes nothing. A fenced read raises the mark. */
export function changes(command: Command): boolean {
  switch (command.op) {
    case 'inspect':
      return false
    case 'readCounter':
    case 'readEntry':
      return command.fence !== undefined
    default:
      return true
  }
}

/** Commands of one client, executed at one time; `commands` as JSON with a comma between them. */
export function batchEntry(client: string, commands: string, time: Time): string {
  return `[${BATCH},${timeOf(time)},${JSON.stringify(client)},${commands}]`
}

export function dropEntry(client: string, keepLeases: boolean, time: Time): string {
  return `[${DROP},${timeOf(time)},${JSON.stringify(client)},${keepLeases}]`
}

export function tickEntry(time: Time): string {
  return `[${TICK},${timeOf(time)}]`
}

/** Carry out an entry once more. Answers with its time; throws a `ProtocolError` at what is none. */
export function replayEntry(engine: Engine, entry: unknown): Time {
  const fields = new Fields(entry)
  const kind = fields.any()
  const time = { now: fields.whole(), wall: fields.whole() }
  if (kind === BATCH) {
    const client = fields.string(Infinity)
    while (fields.left > 0) engine.execute(client, decodeCommand(fields.any()), time)
  } else if (kind === DROP) {
    engine.dropClient(fields.string(Infinity), time, { keepLeases: fields.flag() })
  } else if (kind === TICK) {
    engine.tick(time)
  } else {
    throw new ProtocolError('unknown entry')
  }
  fields.end()
  return time
}

// The engine counts in whole milliseconds.
function timeOf({ now, wall }: Time): string {
  return `${Math.floor(now)},${wall}`
}
