import { TestProcess } from '@lockstep/testing/processes'
import { atLeast, finding, measurement, type Results } from '../harness/report.ts'
import { interleave } from '../harness/rounds.ts'
import type { Worker } from '../harness/worker.ts'
import { inFlight, type Setting, stock } from './scenario.ts'

const title = 'Awaited counter operations in one process'

/** No cluster, no hop: the state lives in the process that uses it. */
export async function oneProcess({ pace }: Setting): Promise<Results> {
  await using worker = new TestProcess<Worker>(new URL('../harness/worker.ts', import.meta.url), { sources: false })
  await worker.ask('open', 'lockstep')
  const millions = async (callers: number): Promise<number> => {
    const load = { ...pace, names: stock.names }
    const { operations, seconds } = await worker.ask('throughput', 'count', callers, load)
    return operations / seconds / 1e6
  }
  const rates = await interleave({ concurrent: () => millions(inFlight), sequential: () => millions(1) }, pace)
  return {
    findings: [
      finding(`${title}, ${inFlight} in flight`, 'M op/s', rates.concurrent, atLeast(1)),
      finding(`${title}, one at a time`, 'M op/s', rates.sequential, atLeast(1)),
    ],
    measurements: [
      measurement(title, `lockstep, ${inFlight} in flight`, 'M op/s', rates.concurrent),
      measurement(title, 'lockstep, one at a time', 'M op/s', rates.sequential),
    ],
  }
}
