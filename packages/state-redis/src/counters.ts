import {
  type AddAllOutcome,
  type AddAllRequest,
  type Call,
  type ChangeList,
  type CounterChange,
  type CounterOutcome,
  type CounterStore,
  errorFrom,
  type Failure,
  type Fence,
  placement,
  type Turn,
} from '@lockstep/state'
import { Batches } from './batch.ts'
import type { Courier } from './courier.ts'
import { type Asked, failureOf, isRefusal } from './failures.ts'
import type { Keys } from './keys.ts'
import { addAll } from './scripts/add-all.ts'
import { changeCounters } from './scripts/change-counters.ts'
import { readCounter } from './scripts/read-counter.ts'

type Addition = Extract<CounterChange, { kind: 'add' }>
/** Its equals in a row are evaluated as one. */
type PlainAddition = Addition & { readonly fence?: undefined; readonly operationId?: undefined }

type Outcomes = readonly (CounterOutcome | Failure)[]

interface ListRequest {
  readonly list: ChangeList<CounterChange>
  readonly call: Call
}

/** Equal plain additions in a row, or one change of another kind. */
interface Run {
  readonly change: CounterChange
  count: number
}

export interface CounterStoreOptions {
  readonly courier: Courier
  readonly keys: Keys
  /** The id of this connection. */
  readonly client: string
  /** Milliseconds. */
  readonly operationRetention: number
  /** Keys of one script lie on one of several nodes. */
  readonly cluster: boolean
  readonly turn: Turn
}

export class RedisCounters implements CounterStore {
  readonly #courier: Courier
  readonly #keys: Keys
  readonly #client: string
  readonly #retention: number
  readonly #cluster: boolean
  readonly #batches: Batches<ListRequest, Outcomes>

  constructor({ courier, keys, client, operationRetention, cluster, turn }: CounterStoreOptions) {
    this.#cluster = cluster
    this.#batches = new Batches({
      schedule: (flush) => turn.send(flush),
      together: (requests) => this.#applyTogether(requests),
      weigh: ({ list }) => list.changes.length,
    })
    this.#courier = courier
    this.#keys = keys
    this.#client = client
    this.#retention = operationRetention
  }

  apply(list: ChangeList<CounterChange>, call: Call): Promise<Outcomes> {
    // One deadline goes with a request, and in a Cluster one slot.
    const group = this.#cluster ? `${call.deadline} ${placement(list.name)}` : call.deadline
    return this.#batches.add({ list, call }, group)
  }

  /** The lists of a turn as one script. */
  async #applyTogether(requests: readonly ListRequest[]): Promise<readonly Outcomes[]> {
    const keys = requests.map(({ list }) => this.#keys.of('counter', list.name))
    const args: (string | number)[] = [this.#client, requests.length]
    const runs = requests.map(({ list }) => runsOf(list.changes))
    requests.forEach(({ list: { name, sequence } }, index) => {
      const before = keys.length
      const start = args.push(sequence, 0, 0)
      for (const run of runs[index] ?? []) this.#describe(name, run, keys, args)
      args[start - 2] = args.length - start
      args[start - 1] = keys.length - before
    })
    const deadline = requests[0]?.call.deadline ?? 0
    const answer = (await this.#courier.run(changeCounters, keys, args, { deadline })) as string
    const lines = requests.length === 1 ? [answer] : answer.split('\n')
    return requests.map(({ list: { name } }, index) => {
      const outcomes: (CounterOutcome | Failure)[] = []
      const words = lines[index]?.split(' ') ?? []
      runs[index]?.forEach((run, position) =>
        tell(outcomes, run, words[position] ?? '', { name, address: this.#courier.address }),
      )
      return outcomes
    })
  }

  #describe(name: string, { change, count }: Run, keys: string[], args: (string | number)[]): void {
    if (isPlain(change)) {
      args.push('+', count, change.delta, change.min ?? '', change.max ?? '', change.ttl ?? '')
    } else if (change.kind === 'add' && change.operationId !== undefined) {
      keys.push(this.#keys.ofOperation(name, change.operationId))
      const operation = signature([{ name, ...change }])
      args.push(JSON.stringify({ ...change, operation, retention: this.#retention }))
    } else {
      args.push(JSON.stringify(change))
    }
  }

  async applyAll({ sequence, changes, operationId, fence }: AddAllRequest, call: Call): Promise<AddAllOutcome> {
    // In the order of their names, so that the same operation looks the same in whatever order it is asked for.
    const sorted = changes.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const keys = sorted.map(({ name }) => this.#keys.of('counter', name))
    if (operationId !== undefined) keys.push(...sorted.map(({ name }) => this.#keys.ofOperation(name, operationId)))
    const operation = operationId === undefined ? '' : signature(sorted)
    const answer = (await this.#courier.run(
      addAll,
      keys,
      [
        this.#client,
        sequence,
        sorted.length,
        operation,
        this.#retention,
        fence === undefined ? '' : JSON.stringify(fence),
        ...sorted.flatMap(({ delta, min, max }) => [delta, min ?? '', max ?? '']),
      ],
      call,
    )) as string
    if (isRefusal(answer)) {
      const culprit = sorted[Number(answer.split(',')[2] ?? 1) - 1]
      throw errorFrom(failureOf(answer, { name: '', ...culprit, fence, operationId, address: this.#courier.address }))
    }
    const [, applied, ...values] = answer.split(',')
    const byName = new Map(sorted.map(({ name }, index) => [name, Number(values[index])]))
    return { applied: applied === '1', values: changes.map(({ name }) => byName.get(name) ?? 0) }
  }

  async read(name: string, fence: Fence | undefined, call: Call): Promise<number> {
    const args = fence === undefined ? [] : [JSON.stringify(fence)]
    const answer = (await this.#courier.run(readCounter, [this.#keys.of('counter', name)], args, call)) as string
    if (isRefusal(answer)) throw errorFrom(failureOf(answer, { name, fence, address: this.#courier.address }))
    return Number(answer)
  }
}

function isPlain(change: CounterChange): change is PlainAddition {
  return change.kind === 'add' && change.fence === undefined && change.operationId === undefined
}

function runsOf(changes: readonly CounterChange[]): Run[] {
  const runs: Run[] = []
  let last: Run | undefined
  for (const change of changes) {
    if (last !== undefined && isSame(last.change, change)) last.count += 1
    else runs.push((last = { change, count: 1 }))
  }
  return runs
}

function isSame(a: CounterChange, b: CounterChange): boolean {
  return isPlain(a) && isPlain(b) && a.delta === b.delta && a.min === b.min && a.max === b.max && a.ttl === b.ttl
}

/** What an operation asks for, for comparison. */
function signature(changes: readonly Pick<Addition & { name: string }, 'name' | 'delta' | 'min' | 'max'>[]): string {
  return JSON.stringify(changes.map(({ name, delta, min, max }) => [name, delta, min ?? null, max ?? null]))
}

/** Add the outcomes of a run. See the script for the form of its word. */
function tell(
  outcomes: (CounterOutcome | Failure)[],
  { change, count }: Run,
  word: string,
  asked: Pick<Asked, 'name' | 'address'>,
): void {
  if (isRefusal(word)) {
    outcomes.push(failureOf(word, { ...asked, ...change }))
    return
  }
  const parts = word.split(',')
  if (parts[0] === '=') {
    outcomes.push({ applied: parts[1] === '1', value: Number(parts[2]), expiresIn: timeLeft(parts[3]) })
    return
  }
  const { delta } = change as Addition
  const applied = Number(parts[0])
  const expiresIn = timeLeft(parts[2])
  let value = Number(parts[1])
  for (let done = 0; done < count; done += 1) {
    if (done < applied) outcomes.push({ applied: true, value: (value += delta), expiresIn })
    else if (parts[3] === 'r') outcomes.push(failureOf(`!range,${value}`, { ...asked, delta }))
    else outcomes.push({ applied: false, value, expiresIn })
  }
}

function timeLeft(part: string | undefined): number | null {
  return part === undefined || part === '-' ? null : Number(part)
}
