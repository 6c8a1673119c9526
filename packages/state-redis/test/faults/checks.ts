import type { Hold } from '../fixtures/contend.ts'
import { isAcknowledged, isUnknown, type Operation } from './history.ts'

// Each of these judges returns what speaks against the promise, in words; nothing if all is well.

/** More of the same would only bury the rest. */
const enough = 3

/** One holder at a time, each with a greater token than the one before and with the value that it has left. */
export function faultsOfHolds(holds: readonly Hold[]): string[] {
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

/** What is known of a counter beside the answers. */
export interface Known {
  /** How much was changed, all in all, as read at the end. */
  readonly total: number
  /** How many acknowledged changes the store may have forgotten. */
  readonly forgotten?: number
}

/** The sum is that of the acknowledged changes and of some of the unknown ones, and no two of them have the same answer. All changes are by one. */
export function faultsOfSum(operations: readonly Operation[], { total, forgotten = 0 }: Known): string[] {
  const changes = operations.filter(({ call, value }) => call !== 'get' && value !== null)
  const acknowledged = changes.filter(isAcknowledged)
  const unknown = changes.filter(isUnknown)
  const answers = new Set(acknowledged.map(({ value }) => value))
  const others = changes.filter((change) => !isAcknowledged(change) && !isUnknown(change))
  const counted = `${acknowledged.length} acknowledged and ${unknown.length} unknown changes`
  return [
    ...(total < acknowledged.length - forgotten ? [`too few: ${counted} made ${total}`] : []),
    ...(total > acknowledged.length + unknown.length ? [`too many: ${counted} made ${total}`] : []),
    ...(answers.size < acknowledged.length - forgotten ? [`${counted} had only ${answers.size} answers`] : []),
    ...examples('told something else', others, ({ failed }) => failed !== 'LOCKSTEP_UNAVAILABLE'),
  ]
}

/** Who begins when another has ended sees no less than that one. `progress`: how far the counter had come by this answer; every change adds to it. */
export function faultsOfOrder(
  operations: readonly Operation[],
  progress: (value: number | null) => number = Number,
): string[] {
  const answered = operations.flatMap(({ value, to, ...rest }) =>
    value === undefined || to === undefined ? [] : [{ ...rest, value, to, reached: progress(value) }],
  )
  const byEnd = answered.toSorted((a, b) => a.to - b.to)
  let ended = 0
  let furthest: (typeof answered)[number] | undefined
  const pairs = answered
    .toSorted((a, b) => a.from - b.from)
    .map((operation) => {
      for (let next = byEnd[ended]; next !== undefined && next.to < operation.from; next = byEnd[(ended += 1)]) {
        if (furthest === undefined || next.reached > furthest.reached) furthest = next
      }
      return { operation, furthest }
    })
  return examples(
    'one began after the other had ended',
    pairs,
    (pair) => pair.operation.reached < (pair.furthest?.reached ?? 0),
  )
}

/** Whoever asks has an answer or an error by then, in milliseconds. */
export function faultsOfPatience(operations: readonly Operation[], bound: number): string[] {
  return examples(`settled after more than ${bound} ms`, operations, ({ from, to = from }) => to - from > bound)
}

/** Something that was timed, in milliseconds. */
export interface Timed {
  readonly what: string
  readonly took: number
}

export function faultsOfSpeed(timed: readonly Timed[], bound: number): string[] {
  return examples(`took more than ${bound} ms`, timed, ({ took }) => took > bound)
}

function examples<Item>(fault: string, items: readonly Item[], isFault: (item: Item) => boolean): string[] {
  const found = items.filter(isFault)
  return found.slice(0, enough).map((item) => `${fault} (${found.length} of ${items.length}): ${JSON.stringify(item)}`)
}
