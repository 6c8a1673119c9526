/** The changes of counters and entries as compact JSON. A plain addition is just its number, a take `[delta, min]`. */
import { CapacityError } from '@lockstep/state'
import type { CounterChange, EntryChange } from '@lockstep/state'
import { encodeFence, fenced } from './fences.ts'
import { Fields, trimmed } from './fields.ts'
import type { Draft, Wire } from './fields.ts'
import { ProtocolError } from './protocol.ts'

/** The most changes in one list: that many refusals, each with its message, still fit one frame of answers. */
export const MAX_CHANGES = 16_384
/** The longest value, in characters: at the six bytes that JSON may make of each, it still fits one frame. */
export const MAX_VALUE = 1_310_720

const SET = 's'
const COMPARE_AND_SET = 'c'
const TOUCH = 't'
const DELETE = 'd'

type Add = Extract<CounterChange, { kind: 'add' }>
type SetCounter = Extract<CounterChange, { kind: 'set' }>
type Swap = Extract<CounterChange, { kind: 'compareAndSet' }>
type DeleteCounter = Extract<CounterChange, { kind: 'delete' }>
type SetEntry = Extract<EntryChange, { kind: 'set' }>
type Touch = Extract<EntryChange, { kind: 'touch' }>
type DeleteEntry = Extract<EntryChange, { kind: 'delete' }>

export function encodeCounterChange(change: CounterChange): Wire {
  if (change.kind === 'add') return encodeAdd(change)
  const fence = encodeFence(change.fence)
  if (change.kind === 'set') return trimmed([SET, change.value, change.ttl ?? null, fence])
  if (change.kind === 'compareAndSet') return trimmed([COMPARE_AND_SET, change.expected, change.value, fence])
  return trimmed([DELETE, fence])
}

function encodeAdd({ delta, min, max, ttl, fence, operationId }: Add): Wire {
  if (max === undefined && ttl === undefined && fence === undefined && operationId === undefined) {
    return min === undefined ? delta : [delta, min]
  }
  return trimmed([delta, min ?? null, max ?? null, ttl ?? null, encodeFence(fence), operationId ?? null])
}

export function decodeCounterChange(value: unknown): CounterChange {
  if (Number.isSafeInteger(value)) return { kind: 'add', delta: value as number }
  const fields = new Fields(value)
  const change = decodeCounterFields(fields)
  fields.end()
  return change
}

function decodeCounterFields(fields: Fields): CounterChange {
  const first = fields.any()
  switch (first) {
    case SET: {
      const set: Draft<SetCounter> = { kind: 'set', value: fields.whole() }
      if (!fields.absent()) set.ttl = fields.duration()
      return fenced(set, fields)
    }
    case COMPARE_AND_SET:
      return fenced<Draft<Swap>>({ kind: 'compareAndSet', expected: fields.whole(), value: fields.whole() }, fields)
    case DELETE:
      return fenced<Draft<DeleteCounter>>({ kind: 'delete' }, fields)
    default:
      return decodeAdd(first, fields)
  }
}

function decodeAdd(delta: unknown, fields: Fields): Add {
  if (!Number.isSafeInteger(delta)) throw new ProtocolError('unknown counter change')
  const add: Draft<Add> = { kind: 'add', delta: delta as number }
  if (!fields.absent()) add.min = fields.whole()
  if (!fields.absent()) add.max = fields.whole()
  if (!fields.absent()) add.ttl = fields.duration()
  fenced(add, fields)
  if (!fields.absent()) add.operationId = fields.name()
  return add
}

/** Throws a `CapacityError` at a value that fits no frame. */
export function encodeEntryChange(change: EntryChange): Wire {
  const fence = encodeFence(change.fence)
  if (change.kind === 'touch') return trimmed([TOUCH, change.ttl, fence])
  if (change.kind === 'delete') return trimmed([DELETE, change.tombstone ?? null, fence])
  const { value, ttl = null, maxLifetime = null, ifVersion = null } = change
  if (value.length <= MAX_VALUE) return trimmed([SET, value, ttl, maxLifetime, ifVersion, fence])
  throw new CapacityError(
    `A value of ${value.length} characters is too long for the link to the primary: at most ${MAX_VALUE}`,
  )
}

export function decodeEntryChange(value: unknown): EntryChange {
  const fields = new Fields(value)
  const change = decodeEntryFields(fields)
  fields.end()
  return change
}

function decodeEntryFields(fields: Fields): EntryChange {
  switch (fields.any()) {
    case SET: {
      const set: Draft<SetEntry> = { kind: 'set', value: fields.string(MAX_VALUE) }
      if (!fields.absent()) set.ttl = fields.duration()
      if (!fields.absent()) set.maxLifetime = fields.duration()
      if (!fields.absent()) set.ifVersion = fields.count()
      return fenced(set, fields)
    }
    case TOUCH:
      return fenced<Draft<Touch>>({ kind: 'touch', ttl: fields.duration() }, fields)
    case DELETE: {
      const deletion: Draft<DeleteEntry> = { kind: 'delete' }
      if (!fields.absent()) deletion.tombstone = fields.duration()
      return fenced(deletion, fields)
    }
    default:
      throw new ProtocolError('unknown entry change')
  }
}
