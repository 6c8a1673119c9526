interface Item<Request, Answer> {
  readonly request: Request
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** How many requests make one, at most: so many short ones keep the server for less than half a millisecond. */
const maxRequests = 64

/** Gathers requests that are made at once and may travel as one. */
export class Batches<Request, Answer> {
  readonly #schedule: (flush: () => void) => void
  readonly #send: (requests: readonly Request[]) => Promise<readonly Answer[]>
  #groups = new Map<unknown, Item<Request, Answer>[]>()

  /** `schedule`: call it when no more requests are to be waited for. `send` gives an answer for each request, in order, or rejects for all of them. */
  constructor(
    schedule: (flush: () => void) => void,
    send: (requests: readonly Request[]) => Promise<readonly Answer[]>,
  ) {
    this.#schedule = schedule
    this.#send = send
  }

  /** Requests with the same `group` travel together. */
  add(request: Request, group: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#groups.size === 0) this.#schedule(this.#flush)
      const items = this.#groups.get(group)
      if (items === undefined) this.#groups.set(group, [{ request, resolve, reject }])
      else items.push({ request, resolve, reject })
    })
  }

  readonly #flush = (): void => {
    const groups = this.#groups
    this.#groups = new Map()
    for (const items of groups.values()) {
      for (let start = 0; start < items.length; start += maxRequests)
        void this.#sendOne(items.slice(start, start + maxRequests))
    }
  }

  async #sendOne(items: readonly Item<Request, Answer>[]): Promise<void> {
    try {
      const answers = await this.#send(items.map(({ request }) => request))
      items.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
    } catch (error) {
      for (const { reject } of items) reject(error)
    }
  }
}
