import type { StateCall } from '@lockstep/conformance'
import { examples } from './examples.ts'
import { isUnknown, type Operation } from './operation.ts'

// The judges of a counter that is only counted by one, up (`add` of 1) or down (`take` of 1), and read. Of such a history it can be told quickly and exactly
// whether one order of all calls explains it: the answers say what the order has to be.

/** Called on one counter that began at 0, or of which `take` found this much. */
export interface Counted {
  readonly operations: readonly Operation<StateCall>[]
  /** What there was to take; nothing if the calls add. */
  readonly stock?: number | undefined
}

/** A call that was answered. */
interface Answered {
  readonly client: string
  readonly from: number
  readonly to: number
  /** Whether it has counted, or else read, or found nothing to take. */
  readonly counts: boolean
  /** How often had been counted after it. */
  readonly reached: number
}

/**
 * The sum is that of the acknowledged changes and of some of the unknown ones. `total`: how often was counted all in all, as read at the end; `forgotten`: how many
 * acknowledged changes the store may have lost.
 */
export function violationsOfSum(
  { operations, stock }: Counted,
  { total, forgotten = 0 }: { readonly total: number; readonly forgotten?: number },
): string[] {
  const acknowledged = answeredIn({ operations, stock }).filter(({ counts }) => counts)
  const unknown = operations.filter(({ call }) => isChange(call)).filter(isUnknown)
  const answers = new Set(acknowledged.map(({ reached }) => reached))
  const counted = `${acknowledged.length} acknowledged and ${unknown.length} unknown changes`
  return [
    ...(total < acknowledged.length - forgotten ? [`too few: ${counted} made ${total}`] : []),
    ...(total > acknowledged.length + unknown.length ? [`too many: ${counted} made ${total}`] : []),
    ...(answers.size < acknowledged.length - forgotten ? [`${counted} had only ${answers.size} answers`] : []),
    ...examples(
      'told something else',
      operations,
      ({ call, failed = '' }) => isChange(call) && failed !== '' && !mayFailWith.has(failed),
    ),
  ]
}

const mayFailWith = new Set(['LOCKSTEP_OUTCOME_UNKNOWN', 'LOCKSTEP_UNAVAILABLE'])

/**
 * Whether the history is linearizable (Herlihy and Wing: "Linearizability: A Correctness Condition for Concurrent Objects", 1990): each call has happened at one
 * moment between its beginning and its end. Exact as long as nothing was forgotten.
 */
export function violationsOfOrder(counted: Counted): string[] {
  const answered = answeredIn(counted)
  return [...contradictions(answered), ...unexplained(answered, counted.operations)]
}

/** Who begins when another has ended sees no less than that one, and more if it counts itself. */
function contradictions(answered: readonly Answered[]): string[] {
  const byEnd = answered.toSorted((a, b) => a.to - b.to)
  let ended = 0
  let before: Answered | undefined
  const pairs = answered
    .toSorted((a, b) => a.from - b.from)
    .map((call) => {
      for (let next = byEnd[ended]; next !== undefined && next.to < call.from; next = byEnd[(ended += 1)]) {
        if (before === undefined || next.reached > before.reached) before = next
      }
      return { call, furthest: before }
    })
  const least = ({ call, furthest }: (typeof pairs)[number]): number =>
    (furthest?.reached ?? 0) + (call.counts && furthest !== undefined ? 1 : 0)
  return examples('one began after the other had ended', pairs, (pair) => pair.call.reached < least(pair))
}

/** What no acknowledged change has counted was counted by an unknown one, which had begun before anybody who saw it had ended. */
function unexplained(answered: readonly Answered[], operations: readonly Operation<StateCall>[]): string[] {
  const known = new Set(answered.filter(({ counts }) => counts).map(({ reached }) => reached))
  const last = answered.reduce((most, { reached }) => Math.max(most, reached), 0)
  const seenBy = Array.from({ length: last + 1 }, () => Infinity)
  for (const { reached, to } of answered) seenBy[reached] = Math.min(seenBy[reached] ?? Infinity, to)
  for (let number = last - 1; number > 0; number -= 1) {
    seenBy[number] = Math.min(seenBy[number] ?? Infinity, seenBy[number + 1] ?? Infinity)
  }
  const unknown = operations.filter((operation) => isChange(operation.call) && isUnknown(operation))
  const begun = unknown.map(({ from }) => from).toSorted((a, b) => a - b)
  const gaps = [...seenBy.keys()].slice(1).filter((number) => !known.has(number))
  return examples(
    'a number that nobody had counted by then',
    gaps.map((number, index) => ({ number, seenBy: seenBy[number] ?? Infinity, begun: begun[index] ?? Infinity })),
    (gap) => gap.begun > gap.seenBy || gap.begun === Infinity,
  )
}

function answeredIn({ operations, stock }: Counted): Answered[] {
  return operations.flatMap(({ client, call, from, to, answer }) => {
    if (to === undefined || answer === undefined) return []
    const value = valueOf(answer)
    const reached = stock === undefined ? value : stock - value
    return [{ client, from, to, counts: isChange(call) && answer !== null, reached }]
  })
}

/** `add` answers `{ value }`, `get` and `take` the value, and `take` `null` when there was none left. */
function valueOf(answer: unknown): number {
  if (typeof answer === 'object' && answer !== null && 'value' in answer) return Number(answer.value)
  return Number(answer ?? 0)
}

export function isChange(call: StateCall): boolean {
  return call.do === 'counters.add' || call.do === 'counters.take'
}
