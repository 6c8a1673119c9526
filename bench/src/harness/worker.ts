/** A process that uses one participant: a worker of a `BenchCluster`, or a process on its own. */
import { answer } from '@lockstep/testing/calls'
import { type Client, type OperationName, type ParticipantName, participants } from '../participants/participant.ts'
import { closedLoop, type Latency, latency, type Load, type Operation, type Throughput } from './closed-loop.ts'

let client: Client | undefined

const handlers = {
  async open(name: ParticipantName): Promise<void> {
    const participant = await participants[name]()
    client = await participant.open()
  },
  throughput: (operation: OperationName, callers: number, load: Load): Promise<Throughput> =>
    closedLoop(find(operation), callers, load),
  latency: (operation: OperationName, load: Load): Promise<Latency> => latency(find(operation), load),
}

export type Worker = typeof handlers

function find(name: OperationName): Operation {
  const operation = client?.[name]
  if (!operation) throw new Error(`This participant has no ${name}.`)
  return operation
}

answer(handlers)
