/**
 * The end of a turn of the event loop. Requests that are made while the loop runs its callbacks leave together in one `setImmediate`: first the folders hand
 * their lists to the adapters, then the adapters write their frames. A microtask would come too early to gather the requests of different sockets.
 */
export class Turn {
  #folds: (() => void)[] = []
  #sends: (() => void)[] = []
  #armed = false

  /** Run `task` at the end of this turn, before anything is sent. */
  fold(task: () => void): void {
    this.#folds.push(task)
    this.#arm()
  }

  /** Run `task` at the end of this turn, after folding. */
  send(task: () => void): void {
    this.#sends.push(task)
    this.#arm()
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    setImmediate(this.#end)
  }

  readonly #end = (): void => {
    const folds = this.#folds
    this.#folds = []
    try {
      for (const task of folds) task()
    } finally {
      const sends = this.#sends
      this.#sends = []
      this.#armed = false
      if (this.#folds.length > 0) this.#arm()
      for (const task of sends) task()
    }
  }
}
