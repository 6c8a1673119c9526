import { type Failure, type Fence, staleToken } from '@lockstep/state'
import type { Session } from './session.ts'
import { type Tables, whole } from './sql.ts'

/** What has marks: a counter, an entry, or something of a user's. */
export type Kind = 'counter' | 'entry' | 'resource'

/** Marks are touched again after this, in microseconds: not every fenced access has to write. */
const touchAfter = 3_600_000_000

interface Mark {
  token: number
  touched: number
  raised: boolean
}

/** The fence marks of one resource: the highest token that it has seen of each lock. Read and written under the lock of the resource's row. */
export class Marks {
  readonly #resource: Buffer
  readonly #name: string
  readonly #marks: Map<string, Mark>
  readonly #now: number

  private constructor(resource: Buffer, name: string, marks: Map<string, Mark>, now: number) {
    this.#resource = resource
    this.#name = name
    this.#marks = marks
    this.#now = now
  }

  static async read(session: Session, tables: Tables, kind: Kind, name: string, now: number): Promise<Marks> {
    const resource = keyOf(kind, name)
    const rows = await session.rows(
      `SELECT lock_name, token, touched_us AS touched FROM ${tables.fences} WHERE resource = ?`,
      [resource],
    )
    const marks = rows.map(({ lock_name: lock, token, touched }): [string, Mark] => {
      return [String(lock), { token: Number(token), touched: Number(touched), raised: false }]
    })
    return new Marks(resource, name, new Map(marks), now)
  }

  /** Refuse the access, or let it through and raise the mark. */
  pass(fence: Fence | undefined): Failure | undefined {
    if (fence === undefined) return undefined
    const refusal = this.judge(fence)
    if (refusal === undefined) this.#raise(fence)
    return refusal
  }

  judge(fence: Fence): Failure | undefined {
    const mark = this.#marks.get(fence.name)?.token ?? 0
    return fence.token < mark ? staleToken(this.#name, fence, mark) : undefined
  }

  async write(session: Session, tables: Tables): Promise<void> {
    for (const [lock, { token, raised }] of this.#marks) {
      if (!raised) continue
      await session.execute(
        `INSERT INTO ${tables.fences} (resource, lock_name, token, touched_us) VALUES (?, ?, ${whole}, ${whole})
ON DUPLICATE KEY UPDATE token = ${whole}, touched_us = ${whole}`,
        [this.#resource, Buffer.from(lock), ...[token, this.#now, token, this.#now].map(BigInt)],
      )
    }
  }

  #raise({ name, token }: Fence): void {
    const mark = this.#marks.get(name)
    if (mark === undefined) this.#marks.set(name, { token, touched: this.#now, raised: true })
    else if (token > mark.token || mark.touched < this.#now - touchAfter) {
      mark.token = token
      mark.raised = true
    }
  }
}

function keyOf(kind: Kind, name: string): Buffer {
  return Buffer.from(kind.charAt(0) + name)
}
