/** A process that uses one participant: a worker of a `BenchCluster`, or a process on its own. */
import { answer } from '@lockstep/testing/calls'
import { type Client, type ParticipantName, participants } from '../participants/participant.ts'
import { closedLoop, type Latency, latency, type Load, type Operation, type Throughput } from './closed-loop.ts'
import { type Contest, contend, type Outcome } from './contest.ts'

/** `lock`: taken and given back, with nothing done under it. */
export type OperationName =
  | 'count'
  | 'countWithin'
  | 'countForAnHour'
  | 'take'
  | 'lock'
  | 'setSession'
  | 'getSession'
  | 'touchSession'

let client: Client | undefined

const handlers = {
  async open(name: ParticipantName): Promise<void> {
    const participant = await participants[name]()
    client = await participant.open()
  },
  throughput: (operation: OperationName, callers: number, load: Load): Promise<Throughput> =>
    closedLoop(find(operation), callers, load),
  latency: (operation: OperationName, load: Load): Promise<Latency> => latency(find(operation), load),
  contend: (contest: Contest): Promise<Outcome> => contend(able('lock'), contest),
  /** Once for each of `names`, `callers` at a time. */
  async once(operation: OperationName, callers: number, names: readonly string[]): Promise<void> {
    const operate = find(operation)
    const left = names.values()
    const caller = async (): Promise<void> => {
      for (const name of left) await operate(name)
    }
    await Promise.all(Array.from({ length: callers }, caller))
  },
  async stock(name: string, amount: number): Promise<void> {
    await able('stock')(name, amount)
  },
  value: (counter: string): Promise<number> => able('value')(counter),
}

export type Worker = typeof handlers

function find(name: OperationName): Operation {
  if (name !== 'lock') return able(name)
  const lock = able('lock')
  return (what) => lock(what, async () => {})
}

function able<Name extends keyof Client>(name: Name): NonNullable<Client[Name]> {
  const method = client?.[name]
  if (!method) throw new Error(`This participant has no ${name}.`)
  return method
}

// A process of a TestProcess outlives it when that is killed, as long as it has a connection open.
process.once('disconnect', () => process.exit())
answer(handlers)
