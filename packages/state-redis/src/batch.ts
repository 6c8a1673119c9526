interface Item<Request, Answer> {
  readonly request: Request
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** How many requests make one, at most: so many short ones keep the server for less than half a millisecond. */
const maxRequests = 64

export interface BatchOptions<Request, Answer> {
  /** Calls `flush` when no more requests are to be waited for. */
  readonly schedule: (flush: () => void) => void
  /** Gives an answer for each request, in order, or rejects for all of them. */
  readonly together: (requests: readonly Request[]) => Promise<readonly Answer[]>
  /** For a request that has no company. */
  readonly alone?: (request: Request) => Promise<Answer>
}

/** Gathers requests that are made at once and may travel as one. */
export class Batches<Request, Answer> {
  readonly #schedule: (flush: () => void) => void
  readonly #together: (requests: readonly Request[]) => Promise<readonly Answer[]>
  readonly #alone: ((request: Request) => Promise<Answer>) | undefined
  #groups = new Map<unknown, Item<Request, Answer>[]>()

  constructor({ schedule, together, alone }: BatchOptions<Request, Answer>) {
    this.#schedule = schedule
    this.#together = together
    this.#alone = alone
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
      const [first, second] = items
      if (first !== undefined && second === undefined && this.#alone !== undefined) {
        this.#alone(first.request).then(first.resolve, first.reject)
        continue
      }
      for (let start = 0; start < items.length; start += maxRequests)
        void this.#send(items.slice(start, start + maxRequests))
    }
  }

  async #send(items: readonly Item<Request, Answer>[]): Promise<void> {
    try {
      const answers = await this.#together(items.map(({ request }) => request))
      items.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
    } catch (error) {
      for (const { reject } of items) reject(error)
    }
  }
}
