/** A process that holds many leases at once, and looks at what they cost it. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { answer } from '@lockstep/testing/calls'
import { type ClusterState, createClusterState, type Lease } from '@lockstep/state'
import { redis } from '@lockstep/state-redis'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const inFlight = 1000
const leases: Lease[] = []
let state: ClusterState | undefined

const handlers = {
  async open(url: string): Promise<void> {
    state = await createClusterState({ adapter: redis({ url }) })
  },
  /** Take `count` locks for `ttl` milliseconds each, to be extended. Resolves with the bytes of heap that each needs. */
  async hold(count: number, ttl: number): Promise<number> {
    const before = heapUsed()
    for (let first = 0; first < count; first += inFlight) {
      const names = Array.from({ length: Math.min(inFlight, count - first) }, (_, index) => `cart:${first + index}`)
      leases.push(...(await Promise.all(names.map((name) => acquire(name, ttl)))))
    }
    return (heapUsed() - before) / count
  },
  /** The event loop's delay over so many milliseconds: its 99th percentile, in milliseconds. */
  async delay(duration: number): Promise<number> {
    const histogram = monitorEventLoopDelay({ resolution: 1 })
    histogram.enable()
    await sleep(duration)
    histogram.disable()
    return histogram.percentile(99) / 1e6
  },
  held: (): number => leases.filter((lease) => lease.held).length,
}

export type Holder = typeof handlers

function acquire(name: string, ttl: number): Promise<Lease> {
  if (!state) throw new Error('The state is not open.')
  return state.locks.acquire(name, { ttl })
}

function heapUsed(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

process.once('disconnect', () => process.exit())
answer(handlers)
