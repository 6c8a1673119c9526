import { type BenchCluster, startCluster } from '../harness/cluster.ts'
import { measurement, type Measurement } from '../harness/report.ts'
import { interleave, type Pace } from '../harness/rounds.ts'
import type { ParticipantName } from '../participants/participant.ts'

/** Several participants at work side by side, on one server. */
export class Field<Name extends ParticipantName> implements AsyncDisposable {
  readonly clusters: Readonly<Record<Name, BenchCluster>>
  readonly #opened: AsyncDisposableStack

  private constructor(clusters: Readonly<Record<Name, BenchCluster>>, opened: AsyncDisposableStack) {
    this.clusters = clusters
    this.#opened = opened
  }

  /** `env` tells all of them where the server is. */
  static async start<Name extends ParticipantName>(
    names: readonly Name[],
    env: Readonly<Record<string, string>>,
  ): Promise<Field<Name>> {
    await using opened = new AsyncDisposableStack()
    const clusters = {} as Record<Name, BenchCluster>
    for (const name of names) clusters[name] = opened.use(await startCluster(name, env))
    return new Field(clusters, opened.move())
  }

  /** Everyone once in every round: see `interleave`. */
  measure<Value>(
    measure: (cluster: BenchCluster, name: Name) => Promise<Value>,
    pace: Pace,
  ): Promise<Record<Name, Value[]>> {
    const measures = {} as Record<Name, () => Promise<Value>>
    for (const name of Object.keys(this.clusters) as Name[]) measures[name] = () => measure(this.clusters[name], name)
    return interleave(measures, pace)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
  }
}

/** One row for each participant. */
export function measurements<Value>(
  title: string,
  unit: string,
  rounds: Readonly<Partial<Record<ParticipantName, readonly Value[]>>>,
  pick: (value: Value) => number,
  label: (name: ParticipantName) => string = (name) => name,
): Measurement[] {
  return Object.entries(rounds).map(([name, values]) =>
    measurement(title, label(name as ParticipantName), unit, values.map(pick)),
  )
}
