import { percentile } from './stats.ts'

export type Operation = (name: string) => Promise<unknown>

export interface Load {
  /** Milliseconds. */
  readonly duration: number
  /** What the operations are about, in turn. */
  readonly names: readonly string[]
}

export interface Throughput {
  readonly operations: number
  readonly seconds: number
}

export interface Latency {
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
}

/** Reading the clock costs as much as a fast operation, so it is read once for so many. */
const operationsPerLook = 64

/** Each of `callers` asks again as soon as it has its answer, so that so many operations are under way at any time. */
export async function closedLoop(
  operation: Operation,
  callers: number,
  { duration, names }: Load,
): Promise<Throughput> {
  const start = performance.now()
  let operations = 0
  let running = true
  const caller = async (first: number): Promise<void> => {
    for (let turn = first; running; turn += callers) {
      await operation(names[turn % names.length] ?? '')
      operations += 1
      if (operations % operationsPerLook === 0) running = performance.now() - start < duration
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, first) => caller(first)))
  return { operations, seconds: (performance.now() - start) / 1000 }
}

/** One caller, and how long each of its operations took. */
export async function latency(operation: Operation, { duration, names }: Load): Promise<Latency> {
  const microseconds: number[] = []
  const end = performance.now() + duration
  for (let start = performance.now(); start < end; start = performance.now()) {
    await operation(names[microseconds.length % names.length] ?? '')
    microseconds.push((performance.now() - start) * 1000)
  }
  return { p50: percentile(microseconds, 50), p99: percentile(microseconds, 99) }
}
