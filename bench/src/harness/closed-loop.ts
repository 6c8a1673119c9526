import { percentile } from './stats.ts'

export type Operation = (name: string) => Promise<unknown>

export interface Load {
  /** Milliseconds. */
  readonly duration: number
  /** Milliseconds before that, which do not count. */
  readonly warmUp: number
  /** What the operations are about, in turn. */
  readonly names: readonly string[]
}

export interface Throughput {
  readonly operations: number
  readonly seconds: number
  /** With those of the warm-up. */
  readonly all: number
}

export interface Latency {
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
}

/** Reading the clock costs as much as a fast operation, so it is read once for so many. */
const operationsPerLook = 64

/** Each of `callers` asks again as soon as it has its answer, so that so many operations are under way at any time. */
export async function closedLoop(operation: Operation, callers: number, load: Load): Promise<Throughput> {
  const { warmUp, duration, names } = load
  const run = { start: performance.now() + warmUp, warm: warmUp === 0, over: false, operations: 0, all: 0 }
  const look = (): void => {
    const now = performance.now()
    run.over = now >= run.start + duration
    if (!run.warm && now >= run.start) Object.assign(run, { start: now, warm: true, operations: 0 })
  }
  const caller = async (first: number): Promise<void> => {
    for (let turn = first; !run.over; turn += callers) {
      await operation(names[turn % names.length] ?? '')
      run.operations += 1
      run.all += 1
      if (run.operations % operationsPerLook === 0) look()
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, first) => caller(first)))
  return { operations: run.operations, seconds: (performance.now() - run.start) / 1000, all: run.all }
}

/** One caller, and how long each of its operations took. */
export async function latency(operation: Operation, { warmUp, duration, names }: Load): Promise<Latency> {
  const microseconds: number[] = []
  const begin = performance.now() + warmUp
  for (let start = performance.now(), turn = 0; start < begin + duration; start = performance.now(), turn += 1) {
    await operation(names[turn % names.length] ?? '')
    if (start >= begin) microseconds.push((performance.now() - start) * 1000)
  }
  return { p50: percentile(microseconds, 50), p99: percentile(microseconds, 99) }
}
