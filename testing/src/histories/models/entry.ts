import type { StateCall } from '@lockstep/conformance'
import { outcomeOf, type Model } from '../model.ts'
import { isStale, raise, textOf, type Marks } from './marks.ts'

export type EntryCall = StateCall & { readonly do: `entries.${string}` }

export interface EntryState {
  /** `undefined`: there is no entry. */
  readonly value: string | undefined
  /** Of the entry; `undefined` while nobody has told it, which is so after a set whose answer is unknown. */
  readonly version: number | undefined
  /** The highest version that was told; one that nobody has told is above it. */
  readonly highest: number
  /** A tombstone refuses set. */
  readonly buried: boolean
  readonly marks: Marks
}

const stale = 'LOCKSTEP_STALE_TOKEN'
const judged: ReadonlySet<string> = new Set([stale])

/**
 * Versioned values, as the contract has them: value and version exact, every version greater than all before it. Lifetimes are left out: a history is judged as if no
 * entry and no tombstone ends within it. So is `expiresIn`.
 */
export const entryModel: Model<EntryState, EntryCall, unknown> = {
  initial: { value: undefined, version: undefined, highest: 0, buried: false, marks: new Map() },
  names: ({ name }) => [name],
  outcome: (operation) => {
    const { call } = operation
    const outcome = outcomeOf(operation, judged)
    const changesNothing = call.do === 'entries.touch' || (call.do === 'entries.get' && call.fence === undefined)
    return changesNothing && outcome?.kind === 'unknown' ? undefined : outcome
  },
  step: (before, event) => {
    const { call, outcome } = event
    const fence = 'fence' in call ? call.fence : undefined
    if (isStale(before.marks, [call.name], fence)) {
      return outcome.kind === 'refused' || outcome.kind === 'unknown' ? before : undefined
    }
    if (outcome.kind === 'refused') return undefined
    const marks = raise(before.marks, [call.name], fence)
    const state = marks === before.marks ? before : { ...before, marks }
    return outcome.kind === 'unknown' ? happened(state, call) : answered(state, call, outcome.answer)
  },
  isIdle: ({ call, outcome }) => {
    if (outcome.kind !== 'answered') return outcome.kind === 'refused'
    const { answer } = outcome
    if (call.do === 'entries.get' || call.do === 'entries.touch') return true
    return answer === false || (isOutcome(answer) && !answer.applied)
  },
  isPast: ({ version, highest }, { outcome }) => {
    const answer = outcome.kind === 'answered' ? outcome.answer : undefined
    if (!isVersioned(answer) || answer.version === 0) return false
    return isOutcome(answer) && answer.applied
      ? answer.version <= highest
      : answer.version !== version && answer.version <= highest
  },
  hash: ({ value, version, highest, buried, marks }) =>
    `${JSON.stringify([value ?? null, version ?? null, highest, buried])}${textOf(marks)}`,
  describe: ({ value, version, highest, buried, marks }) => {
    const standing = version ?? `not known, above ${highest}`
    const entry =
      value === undefined ? `no entry (highest version ${highest})` : `${JSON.stringify(value)}, version ${standing}`
    return `${entry}${buried ? ', tombstone' : ''}${marks.size === 0 ? '' : `, fences seen ${textOf(marks)}`}`
  },
}

/** What the call leaves behind when nobody was told of it. */
function happened(state: EntryState, call: EntryCall): EntryState | undefined {
  switch (call.do) {
    case 'entries.get':
    case 'entries.touch':
      return state
    case 'entries.delete':
      return withoutEntry(state, call.tombstone)
    case 'entries.set': {
      const expected = state.buried ? undefined : atVersion(state, call.ifVersion)
      return expected && { ...expected, value: call.value, version: undefined }
    }
  }
}

function answered(state: EntryState, call: EntryCall, answer: unknown): EntryState | undefined {
  switch (call.do) {
    case 'entries.get':
      return read(state, answer)
    case 'entries.touch':
      return answer === (state.value !== undefined) ? state : undefined
    case 'entries.delete':
      return answer === (state.value !== undefined) ? withoutEntry(state, call.tombstone) : undefined
    case 'entries.set':
      return isOutcome(answer) ? set(state, call, answer) : undefined
  }
}

function read(state: EntryState, answer: unknown): EntryState | undefined {
  if (answer === null) return state.value === undefined ? state : undefined
  if (!isEntry(answer) || answer.value !== state.value) return undefined
  return atVersion(state, answer.version)
}

function set(
  state: EntryState,
  { value, ifVersion }: Extract<EntryCall, { do: 'entries.set' }>,
  { applied, version }: { applied: boolean; version: number },
): EntryState | undefined {
  if (applied) {
    const expected = state.buried ? undefined : atVersion(state, ifVersion)
    return expected && version > expected.highest ? { ...expected, value, version, highest: version } : undefined
  }
  // Refused by a tombstone, or because this version stands and not the one that was asked for.
  const isRefusal = state.buried || (ifVersion !== undefined && ifVersion !== version)
  return isRefusal ? atVersion(state, version) : undefined
}

/** The state if the entry stands at this version, which may be news; 0: if there is none. */
function atVersion(state: EntryState, version: number | undefined): EntryState | undefined {
  if (version === undefined || state.version === version) return state
  if (state.value === undefined) return version === 0 ? state : undefined
  if (state.version !== undefined || version <= state.highest) return undefined
  return { ...state, version, highest: version }
}

function withoutEntry(state: EntryState, tombstone: number | undefined): EntryState {
  const buried = state.buried || tombstone !== undefined
  if (state.value === undefined && buried === state.buried) return state
  return { ...state, value: undefined, version: undefined, buried }
}

function isOutcome(answer: unknown): answer is { applied: boolean; version: number } {
  return isVersioned(answer) && 'applied' in answer && typeof answer.applied === 'boolean'
}

function isEntry(answer: unknown): answer is { value: string; version: number } {
  return isVersioned(answer) && 'value' in answer && typeof answer.value === 'string'
}

function isVersioned(answer: unknown): answer is { version: number } {
  return typeof answer === 'object' && answer !== null && 'version' in answer && typeof answer.version === 'number'
}
