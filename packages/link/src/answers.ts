/**
 * Answers as compact JSON. An applied outcome without a lifetime is just its value; a `Failure` stays the object it is.
 */
import type { Answer, Operation } from '@lockstep/engine'
import type { CounterOutcome, EntryOutcome, Failure } from '@lockstep/state'
import { isFailure } from '@lockstep/state'
import { Fields, trimmed } from './fields.ts'
import type { Wire } from './fields.ts'

/** A place where the answer may be a refusal. */
export type WireAnswer = Wire | Failure | readonly (Wire | Failure)[]

type Encoders = { readonly [O in Operation]: (answer: Answer<O>) => WireAnswer }
type Decoders = { readonly [O in Operation]: (value: unknown) => Answer<O> }

const encoders: Encoders = {
  acquire: (answer) =>
    answer.granted ? [true, answer.token, answer.expiresIn] : [false, answer.expiresIn, answer.place],
  cancel: (answer) => answer,
  extend: (answer) => answer,
  release: (answer) => answer,
  inspect: (answer) => trimmed([answer.held, answer.token, answer.expiresIn, answer.waiters ?? null]),
  changeCounter: (answer) => encodeList(answer, encodeCounterOutcome),
  addAll: (answer) => [answer.applied, ...answer.values],
  readCounter: (answer) => answer,
  changeEntry: (answer) => encodeList(answer, encodeEntryOutcome),
  readEntry: (answer) => answer && trimmed([answer.value, answer.version, answer.expiresIn]),
}

const decoders: Decoders = {
  acquire: (value) => {
    const fields = new Fields(value)
    return fields.flag()
      ? { granted: true, token: fields.count(), expiresIn: fields.duration() }
      : { granted: false, expiresIn: fields.duration(), place: fields.count() }
  },
  cancel: decodeFlag,
  extend: (value) => decodeList(value, decodeFlag),
  release: decodeFlag,
  inspect: (value) => {
    const fields = new Fields(value)
    const lock = { held: fields.flag(), token: fields.count(), expiresIn: fields.duration() }
    return fields.absent() ? lock : { ...lock, waiters: fields.count() }
  },
  changeCounter: (value) => decodeList(value, decodeCounterOutcome),
  addAll: (value) => {
    const fields = new Fields(value)
    const applied = fields.flag()
    return { applied, values: Array.from({ length: fields.left }, () => fields.whole()) }
  },
  readCounter: decodeWhole,
  changeEntry: (value) => decodeList(value, decodeEntryOutcome),
  readEntry: (value) => {
    if (value === null) return null
    const fields = new Fields(value)
    return { value: fields.string(Infinity), version: fields.count(), expiresIn: decodeLifetime(fields) }
  },
}

export function encodeAnswer<O extends Operation>(op: O, answer: Answer<O> | Failure): WireAnswer {
  return isRefusal(answer) ? answer : encoders[op](answer)
}

/** Throws a `ProtocolError` at what is no answer to `op`. */
export function decodeAnswer<O extends Operation>(op: O, value: unknown): Answer<O> | Failure {
  return isRefusal(value) ? value : decoders[op](value)
}

/** A failure in the place of an answer. */
export function isRefusal(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && isFailure(value)
}

/** A list of one number is written as that number. */
function encodeList<T>(answers: readonly (T | Failure)[], encode: (answer: T | Failure) => Wire | Failure): WireAnswer {
  const [first] = answers
  if (answers.length !== 1 || first === undefined) return answers.map(encode)
  const only = encode(first)
  return typeof only === 'number' ? only : [only]
}

function decodeList<T>(value: unknown, decode: (item: unknown) => T): T[] {
  return Array.isArray(value) ? value.map((item) => decode(item)) : [decode(value)]
}

function encodeCounterOutcome(outcome: CounterOutcome | Failure): Wire | Failure {
  if (isFailure(outcome)) return outcome
  if (outcome.applied && outcome.expiresIn === null) return outcome.value
  return trimmed([outcome.applied, outcome.value, outcome.expiresIn])
}

function decodeCounterOutcome(value: unknown): CounterOutcome | Failure {
  if (typeof value === 'number') return { applied: true, value, expiresIn: null }
  if (isRefusal(value)) return value
  const fields = new Fields(value)
  return { applied: fields.flag(), value: fields.whole(), expiresIn: decodeLifetime(fields) }
}

function encodeEntryOutcome(outcome: EntryOutcome | Failure): Wire | Failure {
  if (isFailure(outcome)) return outcome
  return outcome.applied ? outcome.version : [outcome.version]
}

function decodeEntryOutcome(value: unknown): EntryOutcome | Failure {
  if (typeof value === 'number') return { applied: true, version: value }
  if (isRefusal(value)) return value
  return { applied: false, version: new Fields(value).count() }
}

function decodeLifetime(fields: Fields): number | null {
  return fields.absent() ? null : fields.duration()
}

function decodeFlag(value: unknown): boolean {
  return new Fields([value]).flag()
}

function decodeWhole(value: unknown): number {
  return new Fields([value]).whole()
}
