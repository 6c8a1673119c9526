import type { Event, Model } from './model.ts'
import type { Stand } from './search.ts'

interface Found<State, Call, Answer> {
  readonly names: readonly string[]
  readonly events: readonly Event<Call, Answer>[]
  readonly stand: Stand<State, Call, Answer>
  readonly prefix: readonly Event<Call, Answer>[]
}

/** Calls that are shown of each sort: those placed last, and those at the same time. */
const enough = 8

/** Why no order was found, for who has to find the fault: the call that fits nowhere, what it would have had to fit, and the calls around it. */
export function explain<State, Call, Answer>(
  model: Model<State, Call, Answer>,
  { names, events, stand, prefix }: Found<State, Call, Answer>,
): string {
  const { blocked, states } = stand
  const placed = new Set(prefix)
  const last = prefix.slice(-enough)
  const beside = events.filter((event) => event !== blocked && !placed.has(event) && meet(event, blocked))
  return [
    `${names.join(', ')}: no order explains ${line(blocked)}`,
    `  ${prefix.length} of ${events.length} calls can be put in order; what it would find then: ${states.map((state) => model.describe(state)).join('; or: ')}`,
    ...section(`  the last ${last.length} in that order:`, last),
    ...section('  at the same time, and not in order either:', beside.slice(0, enough)),
  ].join('\n')
}

function section<Call, Answer>(title: string, events: readonly Event<Call, Answer>[]): string[] {
  return events.length === 0 ? [] : [title, ...events.map((event) => `    ${line(event)}`)]
}

function meet(one: { from: number; to: number }, other: { from: number; to: number }): boolean {
  return one.from <= other.to && other.from <= one.to
}

function line<Call, Answer>({ client, call, from, to, outcome }: Event<Call, Answer>): string {
  const end = to === Infinity ? 'never' : to.toFixed(3)
  return `${client}: ${JSON.stringify(call)} → ${ending(outcome)} (${from.toFixed(3)} to ${end})`
}

function ending<Answer>(outcome: Event<unknown, Answer>['outcome']): string {
  switch (outcome.kind) {
    case 'answered':
      return JSON.stringify(outcome.answer) ?? 'nothing'
    case 'refused':
      return outcome.code
    case 'unknown':
      return 'unknown'
  }
}
