import type { Connection } from './adapter.ts'
import { bounded } from './calls.ts'
import { monotonic } from './clock.ts'
import { UnavailableError } from './errors.ts'

export type HealthStatus = 'up' | 'degraded' | 'down'

export interface AdapterHealth {
  readonly name: string
  /** What this adapter serves: `locks`, `counters`, `entries`. */
  readonly primitives: readonly string[]
  /** `'degraded'`: it answers, and a warning says what weakens its promises. */
  readonly status: HealthStatus
  /** Milliseconds of the last answer; `null` when there was none. */
  readonly latency: number | null
  /** One sentence: what an acknowledged write survives; empty when the backend never answered. */
  readonly durability: string
  readonly warnings: readonly string[]
}

export interface Health {
  /** The worst of the adapters. */
  readonly status: HealthStatus
  readonly adapters: readonly AdapterHealth[]
}

/** `health()` answers within this, in milliseconds, and asks a backend at most once in it. */
const patience = 1_000

/** The health of one connection, asked at most once a second however many ask for it. */
export class HealthCheck {
  readonly #name: string
  readonly #primitives: readonly string[]
  readonly #connection: Connection
  #durability = ''
  #asked = Number.NEGATIVE_INFINITY
  #answer: Promise<AdapterHealth> | undefined

  constructor(name: string, primitives: readonly string[], connection: Connection) {
    this.#name = name
    this.#primitives = primitives
    this.#connection = connection
  }

  check(): Promise<AdapterHealth> {
    const now = monotonic()
    if (this.#answer === undefined || now - this.#asked >= patience) {
      this.#asked = now
      this.#answer = this.#ask(now)
    }
    return this.#answer
  }

  async #ask(now: number): Promise<AdapterHealth> {
    const base = { name: this.#name, primitives: this.#primitives }
    // A little less than a second, so that the whole answer is within it.
    const deadline = now + patience * 0.9
    try {
      const asked = this.#connection.health({ deadline })
      const { durability, warnings } = await bounded(
        asked,
        deadline,
        undefined,
        () => new UnavailableError('no answer'),
      )
      this.#durability = durability
      const status = warnings.length > 0 ? 'degraded' : 'up'
      return { ...base, status, latency: monotonic() - now, durability, warnings }
    } catch {
      return {
        ...base,
        status: 'down',
        latency: null,
        durability: this.#durability,
        warnings: ['the store does not answer'],
      }
    }
  }
}

/** The health of several together: of adapters, or of states. */
export function overall(healths: readonly Pick<Health, 'adapters'>[]): Health {
  const adapters = healths.flatMap((health) => health.adapters)
  const statuses = adapters.map((adapter) => adapter.status)
  const status = statuses.includes('down') ? 'down' : statuses.includes('degraded') ? 'degraded' : 'up'
  return { status, adapters }
}
