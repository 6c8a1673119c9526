interface Item<Request, Answer> {
  readonly request: Request
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** How many requests make one, and how heavy they are together, at most: a script keeps the server to itself. */
const max = { requests: 64, weight: 512 }

export interface BatchOptions<Request, Answer> {
  /** Calls `flush` when no more requests are to be waited for. */
  readonly schedule: (flush: () => void) => void
  /** Gives an answer for each request, in order, or rejects for all of them. */
  readonly together: (requests: readonly Request[]) => Promise<readonly Answer[]>
  /** What a request has to do, in changes. */
  readonly weigh: (request: Request) => number
  /** For a request that has no company. */
  readonly alone?: (request: Request) => Promise<Answer>
}

/** Gathers requests that are made at once and may travel as one. */
export class Batches<Request, Answer> {
  readonly #schedule: (flush: () => void) => void
  readonly #together: (requests: readonly Request[]) => Promise<readonly Answer[]>
  readonly #weigh: (request: Request) => number
  readonly #alone: ((request: Request) => Promise<Answer>) | undefined
  #groups = new Map<unknown, Item<Request, Answer>[]>()

  constructor({ schedule, together, weigh, alone }: BatchOptions<Request, Answer>) {
    this.#schedule = schedule
    this.#together = together
    this.#weigh = weigh
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
      for (let start = 0; start < items.length;) {
        const end = this.#endOf(items, start)
        void this.#send(items.slice(start, end))
        start = end
      }
    }
  }

  /** Where the request that begins with this item ends: one goes however heavy it is. */
  #endOf(items: readonly Item<Request, Answer>[], start: number): number {
    let weight = 0
    let end = start
    for (; end < items.length && end - start < max.requests; end += 1) {
      const item = items[end]
      if (item !== undefined) weight += this.#weigh(item.request)
      if (weight > max.weight && end > start) break
    }
    return end
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
