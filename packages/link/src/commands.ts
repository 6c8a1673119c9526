/** Commands as compact JSON arrays: `[code, …fields]`, fields that were left out at the end trimmed. */
import type { Command, Operation, Operations } from '@lockstep/engine'
import { CapacityError } from '@lockstep/state'
import type { AddAllRequest, ChangeList, ExtendRequest } from '@lockstep/state'
import {
  MAX_CHANGES,
  decodeCounterChange,
  decodeEntryChange,
  encodeCounterChange,
  encodeEntryChange,
} from './changes.ts'
import { encodeFence, fenced } from './fences.ts'
import { Fields, trimmed } from './fields.ts'
import type { Draft, Wire } from './fields.ts'
import { ProtocolError } from './protocol.ts'

const ACQUIRE = 1
const CANCEL = 2
const EXTEND = 3
const RELEASE = 4
const INSPECT = 5
const CHANGE_COUNTER = 6
const ADD_ALL = 7
const READ_COUNTER = 8
const CHANGE_ENTRY = 9
const READ_ENTRY = 10

/** Tokens that one grant may reserve: more would run ahead of the clock that they follow. */
const MAX_RESERVE = 65_536

type AcquireRequest = Operations['acquire']['request']
type ReadRequest = Operations['readCounter']['request']
type Addition = AddAllRequest['changes'][number]

type Encoders = { readonly [O in Operation]: (command: Command<O>) => Wire }

const encoders: Encoders = {
  acquire: ({ name, owner, ttl, wait, reserve = 0 }) => trimmed([ACQUIRE, name, owner, ttl, wait, reserve || null]),
  cancel: ({ name, owner }) => [CANCEL, name, owner],
  extend: ({ leases }) => [EXTEND, ...bounded(leases).flatMap(({ name, owner, ttl }) => [name, owner, ttl])],
  release: ({ name, owner }) => [RELEASE, name, owner],
  inspect: ({ name }) => [INSPECT, name],
  changeCounter: (list) => encodeList(CHANGE_COUNTER, list, encodeCounterChange),
  addAll: ({ sequence, operationId = null, fence, changes }) => [
    ADD_ALL,
    sequence,
    operationId,
    encodeFence(fence),
    ...bounded(changes).map(({ name, delta, min = null, max = null }) => trimmed([name, delta, min, max])),
  ],
  readCounter: ({ name, fence }) => trimmed([READ_COUNTER, name, encodeFence(fence)]),
  changeEntry: (list) => encodeList(CHANGE_ENTRY, list, encodeEntryChange),
  readEntry: ({ name, fence }) => trimmed([READ_ENTRY, name, encodeFence(fence)]),
}

/** Throws a `CapacityError` at what is too much for one command. */
export function encodeCommand<O extends Operation>(command: Command<O>): Wire {
  const encode: Encoders[O] = encoders[command.op]
  return encode(command)
}

function encodeList<Change>(code: number, list: ChangeList<Change>, encode: (change: Change) => Wire): Wire {
  const wire: Wire[] = [code, list.name, list.sequence]
  for (const change of bounded(list.changes)) wire.push(encode(change))
  return wire
}

function bounded<T>(list: readonly T[]): readonly T[] {
  if (list.length <= MAX_CHANGES) return list
  throw new CapacityError(
    `${list.length} changes at once are too many for the link to the primary: at most ${MAX_CHANGES}`,
  )
}

/** Throws a `ProtocolError` at what is no command of this version. */
export function decodeCommand(value: unknown): Command {
  const fields = new Fields(value)
  const command = decodeFields(fields)
  fields.end()
  return command
}

function decodeFields(fields: Fields): Command {
  switch (fields.any()) {
    case ACQUIRE:
      return { op: 'acquire', ...decodeAcquire(fields) }
    case CANCEL:
      return { op: 'cancel', name: fields.name(), owner: fields.name() }
    case EXTEND:
      return { op: 'extend', leases: decodeRest(fields, decodeLease) }
    case RELEASE:
      return { op: 'release', name: fields.name(), owner: fields.name() }
    case INSPECT:
      return { op: 'inspect', name: fields.name() }
    case CHANGE_COUNTER:
      return {
        op: 'changeCounter',
        name: fields.name(),
        sequence: fields.count(),
        changes: decodeRest(fields, (rest) => decodeCounterChange(rest.any())),
      }
    case ADD_ALL:
      return { op: 'addAll', ...decodeAddAll(fields) }
    case READ_COUNTER:
      return { op: 'readCounter', ...decodeRead(fields) }
    case CHANGE_ENTRY:
      return {
        op: 'changeEntry',
        name: fields.name(),
        sequence: fields.count(),
        changes: decodeRest(fields, (rest) => decodeEntryChange(rest.any())),
      }
    case READ_ENTRY:
      return { op: 'readEntry', ...decodeRead(fields) }
    default:
      throw new ProtocolError('unknown operation')
  }
}

function decodeRest<T>(fields: Fields, decode: (fields: Fields) => T): T[] {
  const decoded: T[] = []
  while (fields.left > 0) {
    if (decoded.length === MAX_CHANGES) throw new ProtocolError(`more than ${MAX_CHANGES} changes in one command`)
    decoded.push(decode(fields))
  }
  return decoded
}

function decodeAcquire(fields: Fields): AcquireRequest {
  const request: Draft<AcquireRequest> = {
    name: fields.name(),
    owner: fields.name(),
    ttl: fields.duration(),
    wait: fields.duration(),
  }
  if (!fields.absent()) request.reserve = fields.count()
  if ((request.reserve ?? 0) > MAX_RESERVE) throw new ProtocolError(`more than ${MAX_RESERVE} tokens reserved at once`)
  return request
}

function decodeLease(fields: Fields): ExtendRequest {
  return { name: fields.name(), owner: fields.name(), ttl: fields.duration() }
}

function decodeRead(fields: Fields): ReadRequest {
  return fenced<Draft<ReadRequest>>({ name: fields.name() }, fields)
}

function decodeAddAll(fields: Fields): AddAllRequest {
  const request: Draft<AddAllRequest> = { sequence: fields.count(), changes: [] }
  if (!fields.absent()) request.operationId = fields.name()
  fenced(request, fields)
  request.changes = decodeRest(fields, (rest) => decodeAddition(rest.any()))
  return request
}

function decodeAddition(value: unknown): Addition {
  const fields = new Fields(value)
  const addition: Draft<Addition> = { name: fields.name(), delta: fields.whole() }
  if (!fields.absent()) addition.min = fields.whole()
  if (!fields.absent()) addition.max = fields.whole()
  fields.end()
  return addition
}
