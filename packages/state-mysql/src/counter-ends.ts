import { monotonic } from '@lockstep/state'
import { never } from './sql.ts'

/** When a counter ends, as far as this process knows. */
export interface End {
  /** As its row has it, in microseconds since 1970. */
  readonly at: bigint
  /** Milliseconds; `null`: never. */
  readonly expiresIn: number | null
}

interface Known {
  readonly at: bigint
  /** On `monotonic()`; `Infinity`: never. */
  readonly endsAt: number
  readonly goodUntil: number
}

/** So many names are remembered, each for so many milliseconds: what it does to `expiresIn` when the clock of the database is set is over after that. */
const most = 10_000
const goodFor = 60_000

/**
 * The ends of counters, as this process has last read them. A statement names the end that it expects, so what is remembered wrongly costs a transaction, and no
 * more.
 */
export class CounterEnds {
  readonly #known = new Map<string, Known>()

  /** `undefined`: it has to be read. `given`: the change would give an end to a counter that is not there. */
  of(name: string, given: boolean): End | undefined {
    const known = this.#known.get(name)
    if (known === undefined) return given ? undefined : endless
    const { at, endsAt, goodUntil } = known
    const now = monotonic()
    // To the microsecond: what is less is the error of a sum.
    if (now < goodUntil)
      return endsAt === Infinity ? endless : { at, expiresIn: Math.ceil(Math.round((endsAt - now) * 1_000) / 1_000) }
    this.#known.delete(name)
    return endsAt === Infinity && !given ? endless : undefined
  }

  /** `expires` and `now` as a transaction has just read them, in microseconds since 1970; `Infinity`: no end. */
  learn(name: string, expires: number, now: number): void {
    this.#known.delete(name)
    if (expires <= now) return
    const [oldest] = this.#known.size < most ? [] : this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
    const learnt = monotonic()
    const endsAt = learnt + (expires - now) / 1_000
    const at = expires === Infinity ? endless.at : BigInt(expires)
    this.#known.set(name, { at, endsAt, goodUntil: Math.min(endsAt, learnt + goodFor) })
  }

  forget(name: string): void {
    this.#known.delete(name)
  }
}

const endless: End = { at: BigInt(never), expiresIn: null }
