import type { Call, Turn } from '@lockstep/state'

/** Names of one statement at most: what it answers has to be waited for as a whole. */
const most = 32

interface Reading<Value> {
  readonly deadline: number
  readonly resolve: (value: Value | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Reads that are asked for in one turn of the event loop leave as one statement, for a round trip costs more than a row. */
export class GatheredReads<Value> {
  readonly #turn: Turn
  readonly #read: (names: readonly string[], call: Call) => Promise<ReadonlyMap<string, Value>>
  #wanted = new Map<string, Reading<Value>[]>()

  /** `read` resolves with the values of those names that have one. */
  constructor(turn: Turn, read: (names: readonly string[], call: Call) => Promise<ReadonlyMap<string, Value>>) {
    this.#turn = turn
    this.#read = read
  }

  read(name: string, { deadline }: Call): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#wanted.size === 0) this.#turn.send(this.#flush)
      const readings = this.#wanted.get(name)
      if (readings === undefined) this.#wanted.set(name, [{ deadline, resolve, reject }])
      else readings.push({ deadline, resolve, reject })
    })
  }

  readonly #flush = (): void => {
    const wanted = [...this.#wanted]
    this.#wanted = new Map()
    for (let first = 0; first < wanted.length; first += most) void this.#send(wanted.slice(first, first + most))
  }

  /** Until the last of them has lost patience; who has less is told so by its own call. */
  async #send(wanted: readonly [name: string, readings: readonly Reading<Value>[]][]): Promise<void> {
    const readings = wanted.flatMap(([, of]) => of)
    try {
      const deadline = Math.max(...readings.map((reading) => reading.deadline))
      const values = await this.#read(
        wanted.map(([name]) => name),
        { deadline },
      )
      for (const [name, of] of wanted) for (const { resolve } of of) resolve(values.get(name))
    } catch (error) {
      for (const { reject } of readings) reject(error)
    }
  }
}
