import type { RedisServer, Unavailable } from '@lockstep/testing/servers/redis'
import type { BenchCluster } from '../harness/cluster.ts'
import type { Results } from '../harness/report.ts'
import type { Pace } from '../harness/rounds.ts'
import { redisAddress } from '../participants/ioredis.ts'
import type { OperationName } from '../harness/worker.ts'

export interface Setting {
  readonly pace: Pace
  readonly redis: RedisServer | Unavailable
}

export type Scenario<Given = Setting> = (setting: Given) => Promise<Results>

/** Callers of each worker, and connections of the HTTP load. */
export const inFlight = 64

/** What the counters of a scenario are called. */
export interface Names {
  readonly what: string
  readonly names: readonly string[]
}

/** A flash sale: everybody wants the same thing. */
export const one: Names = { what: 'One counter that all want', names: ['stock:0'] }

/** A shop's worth of counters, the same for all workers. */
export const stock: Names = {
  what: '1,000 counters',
  names: Array.from({ length: 1000 }, (_, index) => `stock:${index}`),
}

/** Operations a second, both workers together. */
export async function rate(
  cluster: BenchCluster,
  operation: OperationName,
  names: readonly string[],
  pace: Pace,
): Promise<number> {
  const shares = await cluster.each('throughput', operation, inFlight, { ...pace, names })
  return shares.reduce((sum, { operations, seconds }) => sum + operations / seconds, 0)
}

/** Where ioredis finds the server: its Unix socket, if it was started here. */
export function redisEnv({ socket, url }: RedisServer): Record<string, string> {
  return { [redisAddress]: socket ?? url }
}

/** The same over TCP, as a server on another machine is reached. */
export function overTcp({ url }: RedisServer): Record<string, string> {
  return { [redisAddress]: url }
}

export function skipped(title: string, reason: string): Results {
  return { findings: [{ title, skipped: reason }], measurements: [] }
}
