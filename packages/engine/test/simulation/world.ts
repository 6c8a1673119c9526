import type { Time } from '../../src/index.ts'
import { Connection } from './connection.ts'
import type { Coverage } from './coverage.ts'
import { Host } from './host.ts'
import { Random } from './random.ts'
import type { Rules } from './rules.ts'
import { violated } from './violation.ts'
import { Worker } from './worker.ts'
import type { Operation } from './change.ts'

/** Microseconds of the wall clock when the monotonic clock stands at 0. */
const firstWall = 1_800_000_000_000_000

/** One machine: a host, its workers, the streams between them, and two clocks that stand until a step moves them. */
export class World {
  /** Monotonic milliseconds, the same for all processes of the machine. */
  now = 1_000
  /** By how many microseconds the wall clock was set. */
  wallSet = 0
  readonly rules: Rules
  readonly coverage: Coverage
  readonly random: Random = new Random(0)
  readonly host: Host
  readonly workers: Worker[] = []
  /** What callers may ask for once more. */
  readonly operations: Operation[] = []
  #born = 0
  readonly #trace: ((step: string) => void) | undefined

  constructor(rules: Rules, coverage: Coverage, workers: number, trace?: (step: string) => void) {
    this.rules = rules
    this.coverage = coverage
    this.#trace = trace
    this.host = new Host(this, rules)
    for (let count = 0; count < workers; count++) this.workers.push(this.bear())
  }

  time(): Time {
    return { now: this.now, wall: firstWall + Math.floor(this.now) * 1000 + this.wallSet }
  }

  bear(): Worker {
    return new Worker(this, `w${(this.#born += 1)}`)
  }

  /** `undefined`: there is no host. */
  connect(): Connection | undefined {
    if (!this.host.alive) return undefined
    const connection = new Connection(this.host.lineage)
    this.host.connect(connection)
    return connection
  }

  /** In words, for a schedule that is shown. */
  tell(step: () => string): void {
    this.#trace?.(`${String(this.now).padStart(9)} ms  ${step()}`)
  }

  /** Who believes to hold a lock is its holder. */
  check(): void {
    const { host, now } = this
    for (const worker of this.workers) {
      for (const lease of worker.leases) {
        if (lease.lineage !== host.lineage || !lease.held) continue
        const { holder } = host.reference.locks.named(lease.name)
        if (
          holder !== undefined &&
          holder.client === lease.client &&
          holder.owner === lease.owner &&
          holder.end > now
        ) {
          if (holder.token !== lease.token)
            violated(`${worker.name} holds ${lease.name} with a token that is not its own`)
          continue
        }
        const whom = holder === undefined || holder.end <= now ? 'nobody holds it' : `${holder.owner} holds it`
        violated(
          `${worker.name} believes it holds ${lease.name} by ${lease.owner}, for ${lease.deadline - now} ms more: ${whom}`,
        )
      }
    }
  }
}
