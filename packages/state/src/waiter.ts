/** One caller who waits for a lock: sleeps until it is woken, a time has passed, or its signal aborts. */
export class Waiter {
  readonly #signal: AbortSignal | undefined
  #wake: (() => void) | undefined
  #woken = false

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
  }

  /** End the present sleep, or the next one if none is under way: a message may overtake the answer that sends us to sleep. */
  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  /** Resolves after `milliseconds`, or earlier when woken; rejects with the reason of the signal. */
  async sleep(milliseconds: number): Promise<void> {
    this.#signal?.throwIfAborted()
    if (!this.#woken) await this.#rest(milliseconds)
    this.#woken = false
    this.#signal?.throwIfAborted()
  }

  #rest(milliseconds: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#signal?.removeEventListener('abort', end)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(end, milliseconds)
      this.#signal?.addEventListener('abort', end, { once: true })
      this.#wake = end
    })
  }
}
