import type { Answer, Command, Engine, Operation, Time } from '@lockstep/engine'
import { CapacityError, monotonic } from '@lockstep/state'
import type { Failure } from '@lockstep/state'
import { encodeCommand } from './commands.ts'
import { batchEntry, changes, dropEntry, tickEntry } from './log.ts'
import type { CommandLog } from './log.ts'

/** The longest delay that Node's timers take. */
const LONGEST_DELAY = 2 ** 31 - 1
/** Milliseconds until a log that refused what is due by the clock is asked again. */
const LOG_REST = 250

const tooLate: Failure = {
  code: 'LOCKSTEP_UNAVAILABLE',
  message: 'the request reached the engine after its deadline; nothing was applied',
}

interface Departure {
  readonly client: string
  readonly keepLeases: boolean
}

/**
 * Gives an engine what it does not have: the clocks, one timer that keeps no process alive, and, where there is one, the
 * log that has to keep what changes the engine before it happens.
 */
export class EngineRunner {
  readonly log: CommandLog | undefined
  readonly #engine: Engine
  /** Ends of clients that the log could not keep yet. They come before anything else. */
  readonly #owed: Departure[] = []
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires, on `monotonic()`. */
  #due = Infinity
  /** The log has refused what the clock asked for, and is left alone until then. */
  #restUntil = -Infinity

  constructor(engine: Engine, log?: CommandLog) {
    this.#engine = engine
    this.log = log
  }

  time(): Time {
    return timeNow()
  }

  /** Nothing is applied that arrives after its `deadline` (milliseconds, `monotonic()`). With a log it was kept before. */
  execute<O extends Operation>(client: string, command: Command<O>, deadline: number, time: Time): Answer<O> | Failure {
    return time.now > deadline ? tooLate : this.#engine.execute(client, command, time)
  }

  /** One command by itself: kept if need be, and executed. */
  run<O extends Operation>(client: string, command: Command<O>, deadline: number): Answer<O> | Failure {
    const time = this.time()
    const refusal =
      this.log === undefined || time.now > deadline ? undefined : this.#keepOne(client, command as Command, time)
    return refusal ?? this.execute(client, command, deadline, time)
  }

  /**
   * Have the log keep what is about to be executed at this time: commands as JSON, in their order, a comma between them.
   * `undefined`: they may, and have to be, executed before anything else is kept. Otherwise nothing that changes may be.
   */
  keep(client: string, commands: string, time: Time): Failure | undefined {
    return this.#settleOwed(time) ?? this.log?.append(batchEntry(client, commands, time), time)
  }

  /** The client is gone: its waiters go, and its leases with them unless they are to live until their ttl. */
  dropClient(client: string, { keepLeases }: { readonly keepLeases: boolean }): void {
    this.#owed.push({ client, keepLeases })
    this.#settleOwed(this.time())
    this.arm()
  }

  /** Set the timer to what is due next. To be called when commands have been executed. */
  arm(): void {
    const next = this.#owed.length > 0 ? this.#restUntil : this.#engine.nextDeadline()
    const due = Math.max(next, this.#restUntil)
    if (due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    const delay = Math.ceil(due - monotonic())
    this.#timer = setTimeout(this.#tick, Math.min(Math.max(delay, 1), LONGEST_DELAY))
    this.#timer.unref()
  }

  /** No timer any more; what the log holds open is closed. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#due = -Infinity
    await this.log?.close()
  }

  #keepOne(client: string, command: Command, time: Time): Failure | undefined {
    if (!changes(command)) return undefined
    try {
      return this.keep(client, JSON.stringify(encodeCommand(command)), time)
    } catch (error) {
      if (error instanceof CapacityError) return { code: error.code, message: error.message }
      throw error
    }
  }

  #settleOwed(time: Time): Failure | undefined {
    for (let gone = this.#owed[0]; gone !== undefined; gone = this.#owed[0]) {
      const refusal = this.log?.append(dropEntry(gone.client, gone.keepLeases, time), time)
      if (refusal !== undefined) return this.#rest(refusal, time)
      this.#engine.dropClient(gone.client, time, gone)
      this.#owed.shift()
    }
    return undefined
  }

  #rest(refusal: Failure, { now }: Time): Failure {
    this.#restUntil = now + LOG_REST
    return refusal
  }

  readonly #tick = (): void => {
    this.#due = Infinity
    const time = this.time()
    // A tick changes what is replayed: an offer that lapses now differs from one that lapses later.
    const refusal = this.#settleOwed(time) ?? this.log?.append(tickEntry(time), time)
    if (refusal === undefined) this.#engine.tick(time)
    else this.#rest(refusal, time)
    this.arm()
  }
}

/** Both clocks, now. */
export function timeNow(): Time {
  return { now: monotonic(), wall: Date.now() * 1000 }
}
