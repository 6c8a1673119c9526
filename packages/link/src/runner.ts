import { Engine } from '@lockstep/engine'
import type { Answer, Command, EngineOptions, Operation, Time } from '@lockstep/engine'
import { monotonic } from '@lockstep/state'
import type { Failure } from '@lockstep/state'

/** The longest delay that Node's timers take. */
const LONGEST_DELAY = 2 ** 31 - 1

const tooLate: Failure = {
  code: 'LOCKSTEP_UNAVAILABLE',
  message: 'the request reached the engine after its deadline; nothing was applied',
}

/** Gives an engine what it does not have: the clocks, and one timer that keeps no process alive. */
export class EngineRunner {
  readonly #engine: Engine
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires, on `monotonic()`. */
  #due = Infinity

  constructor(onOffer: EngineOptions['onOffer']) {
    this.#engine = new Engine({ onOffer, started: this.time() })
  }

  time(): Time {
    return { now: monotonic(), wall: Date.now() * 1000 }
  }

  /** Nothing is applied that arrives after its `deadline` (milliseconds, `monotonic()`). */
  execute<O extends Operation>(client: string, command: Command<O>, deadline: number, time: Time): Answer<O> | Failure {
    return time.now > deadline ? tooLate : this.#engine.execute(client, command, time)
  }

  /** The client is gone: its waiters go, and its leases with them unless they are to live until their ttl. */
  dropClient(client: string, options: { readonly keepLeases: boolean }): void {
    this.#engine.dropClient(client, this.time(), options)
    this.arm()
  }

  /** Set the timer to what is due next. To be called when commands have been executed. */
  arm(): void {
    const due = this.#engine.nextDeadline()
    if (due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    const delay = Math.ceil(due - monotonic())
    this.#timer = setTimeout(this.#tick, Math.min(Math.max(delay, 1), LONGEST_DELAY))
    this.#timer.unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#due = -Infinity
  }

  readonly #tick = (): void => {
    this.#due = Infinity
    this.#engine.tick(this.time())
    this.arm()
  }
}
