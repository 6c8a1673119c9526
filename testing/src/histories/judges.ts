import type { Hold } from '../members/contend.ts'
import { examples } from './examples.ts'
import type { Operation } from './operation.ts'

// Each of these judges returns what speaks against the promise, in words; nothing if all is well.

/** One holder at a time, each with a greater token than the one before and with the value that it has left. */
export function violationsOfHolds(holds: readonly Hold[]): string[] {
  const inOrder = holds
    .toSorted((a, b) => a.from - b.from)
    .map((hold, index, all) => ({ hold, before: all[index - 1] }))
  return [
    ...examples(
      'two held the lock at once',
      inOrder,
      ({ hold, before }) => before !== undefined && hold.from < before.to,
    ),
    ...examples('the token did not grow', inOrder, ({ hold, before }) => hold.token <= (before?.token ?? 0)),
    ...examples('a write was lost', inOrder, ({ hold, before }) => hold.place !== (before?.place ?? 0) + 1),
  ]
}

/** Whoever asks has an answer or an error by then, in milliseconds. */
export function violationsOfPatience(operations: readonly Operation[], bound: number): string[] {
  return examples(`settled after more than ${bound} ms`, operations, ({ from, to = from }) => to - from > bound)
}

/** Something that was timed, in milliseconds. */
export interface Timed {
  readonly what: string
  readonly took: number
}

export function violationsOfSpeed(timed: readonly Timed[], bound: number): string[] {
  return examples(`took more than ${bound} ms`, timed, ({ took }) => took > bound)
}
