import { type AddAllOutcome, type CounterOutcome, differentOperation, type Failure } from '@lockstep/state'
import type { Session } from './session.ts'
import { micros, type Tables, whole } from './sql.ts'

export type CallName = 'add' | 'addAll'

/** What an operation changes. */
export interface Asked {
  readonly name: string
  readonly delta: number
  readonly min?: number | undefined
  readonly max?: number | undefined
}

type Answer = CounterOutcome | AddAllOutcome | Failure

interface Recorded {
  readonly request: string
  readonly answer: string
}

/** Calls with an `operationId`: each is on record under all its names, with what it was answered. Read and written under the locks of the counters' rows. */
export class Operations {
  readonly #known: Map<string, Recorded>
  readonly #news: { readonly asked: readonly Asked[]; readonly id: string; readonly recorded: Recorded }[] = []

  private constructor(known: Map<string, Recorded>) {
    this.#known = known
  }

  /** What is on record of these ids under any of these names. */
  static async read(
    session: Session,
    tables: Tables,
    names: readonly string[],
    ids: readonly string[],
    now: number,
  ): Promise<Operations> {
    const rows = await session.text(
      `SELECT name, id, request, answer FROM ${tables.operations} WHERE name IN (?) AND id IN (?) AND expires_us > ?`,
      [names.map(bytes), ids.map(bytes), now],
    )
    return new Operations(
      new Map(
        rows.map(({ name, id, request, answer }) => [
          keyOf(String(name), String(id)),
          { request: String(request), answer: String(answer) },
        ]),
      ),
    )
  }

  /** The answer on record; a failure if the record is of another request; `undefined` for a new operation. */
  recall(call: CallName, asked: readonly Asked[], id: string): Answer | undefined {
    const found = asked.map(({ name }) => this.#known.get(keyOf(name, id))).find((known) => known !== undefined)
    if (found === undefined) return undefined
    return found.request === signature(call, asked) ? (JSON.parse(found.answer) as Answer) : differentOperation(id)
  }

  record(call: CallName, asked: readonly Asked[], id: string, answer: Answer): void {
    const recorded = { request: signature(call, asked), answer: JSON.stringify(answer) }
    for (const { name } of asked) this.#known.set(keyOf(name, id), recorded)
    this.#news.push({ asked, id, recorded })
  }

  /** `retention` in milliseconds. */
  async write(session: Session, tables: Tables, now: number, retention: number): Promise<void> {
    const expires = BigInt(now) + micros(retention)
    for (const { asked, id, recorded } of this.#news) {
      const [request, answer] = [recorded.request, recorded.answer].map(bytes) as [Buffer, Buffer]
      for (const { name } of asked) {
        await session.execute(
          `INSERT INTO ${tables.operations} (name, id, request, answer, expires_us) VALUES (?, ?, ?, ?, ${whole})
ON DUPLICATE KEY UPDATE request = ?, answer = ?, expires_us = ${whole}`,
          [bytes(name), bytes(id), request, answer, expires, request, answer, expires],
        )
      }
    }
  }
}

/** For comparison. `asked` is in the order of its names. */
function signature(call: CallName, asked: readonly Asked[]): string {
  return JSON.stringify([call, ...asked.map(({ name, delta, min, max }) => [name, delta, min ?? null, max ?? null])])
}

function keyOf(name: string, id: string): string {
  return JSON.stringify([name, id])
}

function bytes(text: string): Buffer {
  return Buffer.from(text)
}
