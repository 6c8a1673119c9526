import { setTimeout as sleep } from 'node:timers/promises'

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export async function ask(url: string, method: 'GET' | 'PUT' | 'POST' = 'GET'): Promise<Answer> {
  const response = await fetch(url, { method })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** The customers that one shop has in one sale, and what they were told. */
export class Customers {
  /** The numbers of the units that they have bought. */
  readonly units: number[] = []
  /** Status and code of the answers that say neither yes nor no. */
  readonly refusals: string[] = []
  readonly #sale: string
  readonly #route: string

  /** @param shop the URL of its page */
  constructor(shop: string, sale: string, route: string) {
    this.#sale = `${shop}/sales/${sale}/${route}`
    this.#route = route
  }

  /**
   * How many requests may have been served without an answer that says so. A store that was never asked has sold nothing, nor has a transaction that was never
   * committed; under the lock alone the store is asked several times, and may have been there for the first.
   */
  get unknown(): number {
    const sure = this.#route === 'lock' ? undefined : '503 LOCKSTEP_UNAVAILABLE'
    return this.refusals.filter((refusal) => refusal !== sure).length
  }

  async openSale(): Promise<Answer> {
    return ask(this.#sale, 'PUT')
  }

  /** The stock as the store has it. */
  async left(): Promise<unknown> {
    const { body } = await ask(this.#sale)
    return body['left']
  }

  /** So many customers at once ask for one unit after another, until there are none or the signal aborts. */
  async buy(customers: number, signal = new AbortController().signal): Promise<void> {
    await Promise.all(Array.from({ length: customers }, () => this.#customer(signal)))
  }

  async #customer(signal: AbortSignal): Promise<void> {
    // oxlint-disable-next-line no-unmodified-loop-condition -- it is aborted from outside
    while (!signal.aborted) {
      const { status, body } = await ask(this.#sale, 'POST')
      if (status === 409) return
      if (status === 201) this.units.push(Number(body['unit']))
      else {
        this.refusals.push(`${status} ${String(body['code'])}`)
        // Whoever is refused at once should not ask as fast as he can.
        await sleep(20)
      }
    }
  }
}
