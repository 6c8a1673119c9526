/** How long a waiter sleeps between two polls, in milliseconds: at random up to what grows from the first to the last. */
const pause = { least: 4, first: 8, last: 25 }

/** Wakes owners who wait for a lock, again and again, for nobody tells them when it is free. */
export class Polls {
  readonly #wake: (owner: string) => void
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #times = new Map<string, number>()

  constructor(wake: (owner: string) => void) {
    this.#wake = wake
  }

  /** Wake the owner after a while, but when the lock may be free (after `left` milliseconds) at the latest. */
  start(owner: string, left: number): void {
    const times = this.#times.get(owner) ?? 0
    this.#times.set(owner, times + 1)
    const most = Math.min(pause.last, pause.first * 1.5 ** times)
    const delay = Math.min(left, pause.least + Math.random() * (most - pause.least))
    clearTimeout(this.#timers.get(owner))
    const timer = setTimeout(() => {
      this.#timers.delete(owner)
      this.#wake(owner)
    }, Math.ceil(delay))
    timer.unref()
    this.#timers.set(owner, timer)
  }

  /** It asks now, and is not to be woken for what it will learn by that. */
  pause(owner: string): void {
    clearTimeout(this.#timers.get(owner))
    this.#timers.delete(owner)
  }

  /** It waits no more. */
  end(owner: string): void {
    this.pause(owner)
    this.#times.delete(owner)
  }

  close(): void {
    for (const owner of this.#times.keys()) this.end(owner)
  }
}
