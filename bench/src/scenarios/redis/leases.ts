import { TestProcess } from '@lockstep/testing/processes'
import type { RedisServer } from '@lockstep/testing/servers/redis'
import { Redis } from 'ioredis'
import { atMost, finding, measurement, type Results } from '../../harness/report.ts'
import type { Holder } from '../../leases/holder.ts'
import { type Scenario, skipped } from '../scenario.ts'

export interface Leases {
  readonly count: number
  /** Milliseconds. */
  readonly ttl: number
}

/** What one process pays for leases that it holds and does nothing with: they are extended at a third of their ttl. */
export function heldLeases({ count, ttl }: Leases): Scenario {
  const title = `${count.toLocaleString('en')} leases of ${ttl / 1000} s held and extended by one process`
  return async function leases({ redis }): Promise<Results> {
    if ('unavailable' in redis) return skipped(title, redis.unavailable)
    await using holder = new TestProcess<Holder>(new URL('../../leases/holder.ts', import.meta.url), { sources: false })
    await holder.ask('open', redis.url)
    const idle = await holder.ask('delay', ttl / 6)
    const heap = await holder.ask('hold', count, ttl)
    // Each lease comes to be extended twice.
    const duration = (ttl * 2) / 3
    const before = await scriptCalls(redis)
    const busy = await holder.ask('delay', duration)
    const requests = (await scriptCalls(redis)) - before
    const held = await holder.ask('held')
    return {
      findings: [
        finding(`${title}, leases lost`, 'leases', [count - held], atMost(0)),
        finding(`${title}, requests for extension`, 'a second', [(requests * 1000) / duration]),
        finding(`${title}, heap`, 'bytes a lease', [heap]),
        finding(`${title}, event-loop delay (p99) that they add`, 'ms', [busy - idle]),
      ],
      measurements: [
        measurement(`${title}, event-loop delay (p99), by a timer of 1 ms`, 'holding', 'ms', [busy]),
        measurement(`${title}, event-loop delay (p99), by a timer of 1 ms`, 'idle', 'ms', [idle]),
      ],
    }
  }
}

/** Scripts that clients have called so far; no script can call another. */
async function scriptCalls({ url }: RedisServer): Promise<number> {
  const redis = new Redis(url)
  const stats = await redis.info('commandstats')
  redis.disconnect()
  const calls = stats.matchAll(/^cmdstat_(?:eval|evalsha|fcall):calls=(\d+)/gm)
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0)
}
