import type { Attempt } from './attempt.ts'
import type { HeldLease } from './lease.ts'

/** One caller who waits for a lock: sleeps until it is woken, a time has passed, or its signal aborts. */
export class Waiter {
  readonly attempt: Attempt
  /** The end of its `wait`, on `monotonic()`. */
  readonly until: number
  /** Its neighbours in line. */
  ahead: Waiter | undefined
  behind: Waiter | undefined
  #lease: HeldLease | undefined
  #wake: (() => void) | undefined
  #woken = false

  constructor(attempt: Attempt, until: number) {
    this.attempt = attempt
    this.until = until
  }

  /** The lease is its own from now on, whether it wakes to use it or not. */
  give(lease: HeldLease): void {
    this.#lease = lease
    this.wake()
  }

  /** What it was given, once. */
  take(): HeldLease | undefined {
    const lease = this.#lease
    this.#lease = undefined
    return lease
  }

  /** End the present sleep, or the next one if none is under way: a message may overtake the answer that sends us to sleep. */
  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  /** Resolves after `milliseconds`, or earlier when woken; rejects with the reason of the signal. */
  async sleep(milliseconds: number): Promise<void> {
    const { signal } = this.attempt
    signal?.throwIfAborted()
    if (!this.#woken) await this.#rest(milliseconds, signal)
    this.#woken = false
    signal?.throwIfAborted()
  }

  #rest(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(end, milliseconds)
      signal?.addEventListener('abort', end, { once: true })
      this.#wake = end
    })
  }
}
