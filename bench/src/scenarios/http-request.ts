import { TestProcess } from '@lockstep/testing/processes'
import { BenchCluster } from '../harness/cluster.ts'
import { atMost, finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import type { HttpLoader } from '../http/load.ts'
import type { HttpServer } from '../http/server.ts'
import { inFlight, type Setting } from './scenario.ts'

const title = 'A Fastify request'

/** Of one request, in microseconds of CPU time. */
interface Cost {
  readonly worker: number
  readonly primary: number
}

/** What one counter operation adds to a request, where the state lives and where it is asked for. */
export async function httpRequest({ pace }: Setting): Promise<Results> {
  await using cluster = new BenchCluster<HttpServer>()
  const [port = 0] = await cluster.start('lockstep', new URL('../http/server.ts', import.meta.url))
  await using load = new TestProcess<HttpLoader>(new URL('../http/load.ts', import.meta.url), { sources: false })

  const used = async (): Promise<Cost> => {
    const workers = await cluster.each('cpuTime')
    return { worker: workers.reduce((sum, time) => sum + time, 0), primary: await cluster.cpuTime() }
  }
  const cost = async (path: string): Promise<Cost> => {
    const before = await used()
    const requests = await load.ask('run', { port, path, connections: inFlight, duration: pace.duration })
    const after = await used()
    return { worker: (after.worker - before.worker) / requests, primary: (after.primary - before.primary) / requests }
  }

  const costs = await interleave({ without: () => cost('/without'), with: () => cost('/with') }, pace)
  const of = (part: keyof Cost) => ({
    without: costs.without.map((value) => value[part]),
    with: costs.with.map((value) => value[part]),
  })
  const worker = of('worker')
  const primary = of('primary')
  const added = (part: typeof worker): number[] =>
    part.with.map((value, round) => value - (part.without[round] ?? Number.NaN))
  return {
    findings: [
      finding(`${title}: CPU time that one counter operation adds in the worker`, 'µs', added(worker), atMost(10)),
      finding(`${title}: CPU time that one counter operation adds in the primary`, 'µs', added(primary), atMost(6)),
    ],
    measurements: [
      measurement(title, 'worker, without', 'µs', worker.without),
      measurement(title, 'worker, with', 'µs', worker.with),
      measurement(title, 'primary, without', 'µs', primary.without),
      measurement(title, 'primary, with', 'µs', primary.with),
    ],
  }
}
