import type { FaultProxy } from '@lockstep/testing/proxy'
import type { OwnKafka } from '@lockstep/testing/servers/kafka'

/** What the tests of one release share. */
export interface Ground {
  /** Where there is a proxy, `brokers` is behind it and `direct` is not. */
  readonly kafka: OwnKafka
}

export interface ProxiedGround extends Ground {
  readonly proxy: FaultProxy
}

/** Whether the tests may take minutes. */
export const soak: boolean = process.env['LOCKSTEP_SOAK'] !== undefined

/** A figure of docs/kafka-broker.md, told by the run. */
export function tell(ground: Ground, what: string, ...figures: readonly string[]): void {
  console.log(`Kafka ${ground.kafka.version}, ${ground.kafka.nodes.length} node(s): ${what}: ${figures.join(', ')}`)
}

/** Milliseconds that this takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await act()
  return performance.now() - start
}

/** As `p50 1.2 ms, p99 3.4 ms`, of this many times one after the other. */
export async function spread(times: number, act: () => Promise<unknown>): Promise<string> {
  const all: number[] = []
  for (let time = 0; time < times; time++) all.push(await timed(act))
  all.sort((one, other) => one - other)
  const at = (share: number): string => (all[Math.floor(times * share)] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}
