import type { Identity } from './protocol.ts'

/** Shorter than the engine keeps its sequence records, so that whoever is taken back is exact. */
const KEPT_FOR = 120_000
const MOST = 10_000

interface Departure {
  readonly identity: Identity
  readonly at: number
}

/**
 * Clients whose connection was lost, remembered for two minutes so that they can resume. Times are milliseconds on
 * `monotonic()`.
 */
export class Departed {
  /** In the order of departure. */
  readonly #departures = new Map<string, Departure>()

  add(identity: Identity, now: number): void {
    this.#departures.set(identity.client, { identity, at: now })
    for (const [client, { at }] of this.#departures) {
      if (at + KEPT_FOR > now && this.#departures.size <= MOST) return
      this.#departures.delete(client)
    }
  }

  find(client: string, now: number): Identity | undefined {
    const departure = this.#departures.get(client)
    return departure !== undefined && departure.at + KEPT_FOR > now ? departure.identity : undefined
  }

  remove(client: string): void {
    this.#departures.delete(client)
  }
}
